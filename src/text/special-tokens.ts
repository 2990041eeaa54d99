/** @file The special tokens around a text, such as BERT's [CLS] and [SEP]. */
import type { Tokenizer } from './tokenizer.js';

/** The tokens that the tokenizer puts around every text. */
export function specialTokens(tokenizer: Pick<Tokenizer, 'encode'>): { before: number[]; after: number[] } {
  const plain = tokenizer.encode('a');
  const whole = tokenizer.encode('a', { addSpecialTokens: true });
  const start = whole.findIndex((_, at) => plain.every((id, i) => whole[at + i] === id));
  return { before: whole.slice(0, start), after: whole.slice(start + plain.length) };
}
