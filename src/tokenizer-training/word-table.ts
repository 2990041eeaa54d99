/** @file Splits text into GPT-2's pre-tokens and counts them: all that BPE training needs to know of a corpus. */
import { giveTurn } from '../turns.js';

/** GPT-2's pre-tokenization. No merge crosses its boundaries; a run of Chinese characters is one piece. */
const gpt2Pattern = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * Counts the pre-tokens of a corpus.
 * @param texts documents; no pre-token spans two of them
 * @param specialTokens removed first, as by an encoder, so that no merge learns them
 */
export async function countWords(
  texts: Iterable<string> | AsyncIterable<string>,
  specialTokens: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const text of texts) {
    await giveTurn(signal);
    for (const section of splitAtAll(text, specialTokens)) {
      for (const [word] of section.matchAll(gpt2Pattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

function splitAtAll(text: string, separators: readonly string[]): string[] {
  return separators.reduce((sections, separator) => sections.flatMap((s) => s.split(separator)), [text]);
}
