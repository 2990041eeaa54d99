/** @file Text out of tokens as they come, in whole Unicode characters. */
import { type Tokenizer, withoutStart } from '../text/tokenizer.js';

/**
 * The text of token ids, as a byte-level tokenizer gives it: the tokens' bytes one after the other, read as UTF-8 in
 * the manner of TextDecoder, so that an unfinished character at the end becomes one U+FFFD. It is never asked for the
 * text of no ids.
 */
export interface Decode {
  (ids: readonly number[]): string;
  /**
   * Whether a token is a byte that is text only together with the bytes beside it, as those of SentencePiece's are:
   * where they are no UTF-8, none of them is. Default: none.
   */
  readonly isByte?: (id: number) => boolean;
  /** What is done to the whole text at last (see Tokenizer). Default: nothing. */
  readonly cleanUp?: (text: string) => string;
}

/** How a tokenizer's tokens are shown: the model's beginning of a text is no part of what goes on from it. */
export function decodeOf(tokenizer: Tokenizer, options: { skipSpecialTokens?: boolean } = {}): Decode {
  const { cleanUp } = tokenizer;
  const raw = { ...options, cleansUp: false };
  const decode = (ids: readonly number[]) => tokenizer.decode(withoutStart(tokenizer, ids), raw);
  return Object.assign(decode, { isByte: (id: number) => tokenizer.isByte?.(id) ?? false, cleanUp });
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
  /** What has been given out but for spaces that may be left out yet. */
  #held = '';

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
    return this.#cleaned(piece);
  }

  /** The text that was held back: for a character that has not been finished, '' or U+FFFD; and for a clean-up. */
  end(): string {
    const rest = this.#window.length === 0 ? '' : this.decode(this.#window).slice(this.#settled);
    return this.#cleaned(rest, true);
  }

  /** The next piece after a clean-up, which goes by what stands behind a space. */
  #cleaned(piece: string, isLast = false): string {
    const { cleanUp } = this.decode;
    if (!cleanUp) return piece;
    const text = this.#held + piece;
    const cut = isLast ? text.length : decidedLength(text);
    this.#held = text.slice(cut);
    return cleanUp(text.slice(0, cut));
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
  const text = decode([...last, ...ids]).slice(settledLength(decode, last));
  return decode.cleanUp?.(text) ?? text;
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

/** How much of a text a clean-up leaves as it is, or takes spaces from, whatever comes behind it. */
function decidedLength(text: string): number {
  // What is joined begins with a space and has at most three characters but spaces and quotes.
  const lastWord = [...text.matchAll(/(?<=[^ ']) (?=[^ '])/g)].at(-1)?.index ?? text.indexOf(' ');
  if (lastWord === -1) return text.length;
  const isLong = text.slice(lastWord).replace(/[ ']/g, '').length > 3;
  return isLong && /[^ ']$/.test(text) ? text.length : lastWord;
}
