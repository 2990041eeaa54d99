/** @file A prompt as text with soft tokens in it: `{soft:5}` in a template is a place for five learned vectors. */
import { UsageError } from '../errors.js';
import type { Tokenizer } from './tokenizer.js';

/** Soft tokens that stand side by side: `count` of them, the first being number `first` of the whole template. */
export interface SoftTokens {
  readonly first: number;
  readonly count: number;
}

/** A prompt: text, or texts and soft tokens in their order. */
export type PromptText = string | readonly (string | SoftTokens)[];

/**
 * The token ids of a prompt. Soft token i has the id `vocabSize` + i, as if it stood in the vocabulary after the others.
 * Each stretch of text between soft tokens is tokenised by itself.
 * @throws UsageError for soft tokens without a `vocabSize`
 */
export function encodePrompt(
  tokenizer: Pick<Tokenizer, 'encode'>,
  prompt: PromptText,
  vocabSize: number | undefined,
): number[] {
  if (typeof prompt === 'string') return tokenizer.encode(prompt);
  return prompt.flatMap((part) => {
    if (typeof part === 'string') return tokenizer.encode(part);
    if (vocabSize === undefined)
      throw new UsageError("a template with soft tokens needs vocabSize, the model's, after which they come");
    return Array.from({ length: part.count }, (_, i) => vocabSize + part.first + i);
  });
}
