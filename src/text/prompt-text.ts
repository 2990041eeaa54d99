/**
 * @file A prompt as text with places in it: for soft tokens, which are learned vectors, and for a masked model's
 * mask.
 */
import { UsageError } from '../errors.js';
import type { Tokenizer } from './tokenizer.js';

/** Soft tokens that stand side by side: `count` of them, the first being number `first` of the whole template. */
export interface SoftTokens {
  readonly first: number;
  readonly count: number;
}

/** The place of a token that a masked language model fills in. */
export const mask = 'mask';
export interface Mask {
  readonly place: typeof mask;
}

/** A prompt: text, or texts and places in their order. */
export type PromptText = string | readonly PromptPart[];
export type PromptPart = string | SoftTokens | Mask;

/** Texts that stand side by side are one text, which is tokenized as a whole. */
export function joinText(parts: readonly PromptPart[]): PromptText {
  const joined: PromptPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  const [only = ''] = joined;
  return joined.length < 2 && typeof only === 'string' ? only : joined;
}

/**
 * The token ids of a prompt. Soft token i has the id `vocabSize` + i, as if it stood in the vocabulary after the
 * others. Each stretch of text between places is tokenized by itself.
 * @throws UsageError for soft tokens without a `vocabSize`, and for a mask where the tokenizer has none
 */
export function encodePrompt(
  tokenizer: Pick<Tokenizer, 'encode' | 'maskTokenId'>,
  prompt: PromptText,
  vocabSize: number | undefined,
): number[] {
  if (typeof prompt === 'string') return tokenizer.encode(prompt);
  return prompt.flatMap((part, i) => {
    // Soft tokens have no text, so that the text behind them goes on from the text before them.
    const continues = i > 1 && typeof prompt[i - 1] === 'object' && !('place' in (prompt[i - 1] as object));
    if (typeof part === 'string') return tokenizer.encode(part, { continues });
    if ('place' in part) {
      if (tokenizer.maskTokenId !== undefined) return [tokenizer.maskTokenId];
      throw new UsageError(
        'the template has a mask, but the tokenizer has no mask token; masks are for models like BERT',
        { code: 'unsupported' },
      );
    }
    if (vocabSize === undefined)
      throw new UsageError("a template with soft tokens needs vocabSize, the model's, after which they come");
    return Array.from({ length: part.count }, (_, i) => vocabSize + part.first + i);
  });
}
