/** @file A prompt as text with places: soft tokens, which are learned vectors, and the mask of a masked model. */
import { UsageError } from '../errors.js';
import { say } from '../say.js';
import type { Tokenizer } from './tokenizer.js';

/** Adjacent soft tokens: `count` of them, the first with the index `first` in the whole template. */
export interface SoftTokens {
  readonly first: number;
  readonly count: number;
}

/** The place of a token that a masked language model fills in. */
export const mask = 'mask';
export interface Mask {
  readonly place: typeof mask;
}

/** A prompt: text, or texts and places in order. */
export type PromptText = string | readonly PromptPart[];
export type PromptPart = string | SoftTokens | Mask;

/** Adjacent texts are merged, so that they are tokenized as one. */
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
 * The token ids of a prompt. Soft token i has the id `vocabSize` + i, as if it followed the vocabulary. Each text
 * between places is tokenized separately.
 * @throws UsageError for soft tokens without a `vocabSize`, and for a mask if the tokenizer has none
 */
export function encodePrompt(
  tokenizer: Pick<Tokenizer, 'encode' | 'maskTokenId'>,
  prompt: PromptText,
  vocabSize: number | undefined,
): number[] {
  if (typeof prompt === 'string') return tokenizer.encode(prompt);
  return prompt.flatMap((part, i) => {
    // Soft tokens have no text, so the text after them continues the text before them.
    const continues = i > 1 && typeof prompt[i - 1] === 'object' && !('place' in (prompt[i - 1] as object));
    if (typeof part === 'string') return tokenizer.encode(part, { continues });
    if ('place' in part) {
      if (tokenizer.maskTokenId !== undefined) return [tokenizer.maskTokenId];
      throw new UsageError(
        say`the template has a mask, but the tokenizer has no mask token; masks are for models like
          BERT`,
        { code: 'unsupported' },
      );
    }
    if (vocabSize === undefined)
      throw new UsageError(
        say`a template with soft tokens needs vocabSize, the model's, after which they come`,
      );
    return Array.from({ length: part.count }, (_, i) => vocabSize + part.first + i);
  });
}
