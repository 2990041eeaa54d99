/** @file Text out of tokens as they come, in whole Unicode characters. */
import { type Tokenizer, withoutStart } from '../text/tokenizer.js';

/**
 * The text of token ids, as a byte-level tokenizer gives it: the tokens' bytes one after the other, read as UTF-8 in
 * the manner of TextDecoder, so that an unfinished character at the end becomes one U+FFFD. It must not tidy up spaces.
 * It is never asked for the text of no ids.
 */
export interface Decode {
  (ids: readonly number[]): string;
  /**
   * Whether a token is a byte that is text only together with the bytes beside it, as those of SentencePiece's are:
   * where they are no UTF-8, none of them is. Default: none.
   */
  readonly isByte?: (id: number) => boolean;
}

/** How a tokenizer's tokens are shown: the model's beginning of a text is no part of what goes on from it. */
export function decodeOf(tokenizer: Tokenizer, options: { skipSpecialTokens?: boolean } = {}): Decode {
  const decode = (ids: readonly number[]) => tokenizer.decode(withoutStart(tokenizer, ids), options);
  return Object.assign(decode, { isByte: (id: number) => tokenizer.isByte?.(id) ?? false });
}

const REPLACEMENT = '\uFFFD';
/** The window is cut back when it has grown to `WINDOW` tokens, to its last `KEPT`. */
const WINDOW = 16;
const KEPT = 8;

/**
 * Takes the tokens of a text one by one and gives the text in pieces. A code point is never split, however its bytes
 * are spread over tokens, and the pieces put together are exactly `decode` of all the tokens. Costs the decoding of a
 * few tokens per token.
 *
 * Only a window of the last tokens is decoded, and only what its text gains at its end is given out. At first the
 * window has the end of what stands before: tokenizers like SentencePiece's leave a space out at a text's beginning,
 * and here none begins.
 */
export class TextStream {
  #window: number[] = [];
  /** Length of the window's settled text, which has been given out. */
  #settled = 0;

  /**
   * @param before the tokens that the text goes on from, such as a prompt's; those without a text of their own do not
   * matter
   */
  constructor(
    readonly decode: Decode,
    before: readonly number[] = [],
  ) {
    this.#window = lastWithText(decode, before);
    this.#settled = settledLength(decode, this.#window);
  }

  /** Adds a token and returns the text that is now certain: '' while a character is unfinished. */
  push(id: number): string {
    this.#window.push(id);
    if (this.decode.isByte?.(id)) return '';
    const text = settledText(this.decode(this.#window));
    const piece = text.slice(this.#settled);
    this.#settled = text.length;
    if (this.#window.length >= WINDOW) this.#shrink(text);
    return piece;
  }

  /** The text that was held back for a character that has not been finished: '' or U+FFFD. */
  end(): string {
    return this.#window.length === 0 ? '' : this.decode(this.#window).slice(this.#settled);
  }

  #shrink(settled: string): void {
    const kept = this.#window.slice(-KEPT);
    const text = settledText(this.decode(kept));
    // Where the last tokens have no text, or begin inside a character, theirs is not the end of the whole text.
    if (text === '' || !settled.endsWith(text)) return;
    this.#window = kept;
    this.#settled = text.length;
  }
}

/** The text that `ids` add behind `before`. */
export function addedText(decode: Decode, before: readonly number[], ids: readonly number[]): string {
  const last = lastWithText(decode, before);
  return decode([...last, ...ids]).slice(settledLength(decode, last));
}

/** The last of `ids` that have a text, as many as matter. */
function lastWithText(decode: Decode, ids: readonly number[]): number[] {
  const last: number[] = [];
  for (let i = ids.length - 1; i >= 0 && last.length < KEPT; i--)
    if (decode([ids[i]!]) !== '') last.unshift(ids[i]!);
  return last;
}

const settledLength = (decode: Decode, ids: readonly number[]) =>
  ids.length === 0 ? 0 : settledText(decode(ids)).length;

/**
 * `text` without a U+FFFD at its end, which may be the beginning of a character: later tokens cannot change the rest.
 */
export function settledText(text: string): string {
  return text.endsWith(REPLACEMENT) ? text.slice(0, -1) : text;
}
