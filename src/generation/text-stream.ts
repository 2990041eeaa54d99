/** @file Text out of tokens as they come, in whole Unicode characters. */

/**
 * The text of token ids, as a byte-level tokenizer gives it: the tokens' bytes one after the other, read as UTF-8 in the
 * manner of TextDecoder, so that an unfinished character at the end becomes one U+FFFD. It must not tidy up spaces.
 * It is never asked for the text of no ids.
 */
export type Decode = (ids: readonly number[]) => string;

const REPLACEMENT = '\uFFFD';
/** The window is cut back when it has grown to `WINDOW` tokens, to its last `KEPT`. */
const WINDOW = 16;
const KEPT = 8;
/** A UTF-8 character has at most 4 bytes, and a UTF-16 unit of text stands for at least one byte. */
const KEPT_UNITS = 4;

/**
 * Takes the tokens of a text one by one and gives the text in pieces. A code point is never split, however its bytes
 * are spread over tokens, and the pieces put together are exactly `decode` of all the tokens. Costs the decoding of a
 * few tokens per token.
 *
 * Only a window of the last tokens is decoded. Where the window begins inside a character its text begins with
 * replacement characters, but UTF-8 synchronizes itself: from the next character on it is the text of all the tokens,
 * and only what the window's text gains at its end is ever given out.
 */
export class TextStream {
  #window: number[] = [];
  /** Length of the window's settled text, which has been given out. */
  #settled = 0;

  constructor(readonly decode: Decode) {}

  /** Adds a token and returns the text that is now certain: '' while a character is unfinished. */
  push(id: number): string {
    this.#window.push(id);
    const text = settledText(this.decode(this.#window));
    const piece = text.slice(this.#settled);
    this.#settled = text.length;
    if (this.#window.length >= WINDOW) this.#shrink();
    return piece;
  }

  /** The text that was held back for a character that has not been finished: '' or U+FFFD. */
  end(): string {
    return this.#window.length === 0 ? '' : this.decode(this.#window).slice(this.#settled);
  }

  #shrink(): void {
    const kept = this.#window.slice(-KEPT);
    const text = this.decode(kept);
    // Tokens without a text of their own (special ones that are left out) might leave too few bytes.
    if (text.length < KEPT_UNITS) return;
    this.#window = kept;
    this.#settled = settledText(text).length;
  }
}

/** `text` without a U+FFFD at its end, which may be the beginning of a character: later tokens cannot change the rest. */
export function settledText(text: string): string {
  return text.endsWith(REPLACEMENT) ? text.slice(0, -1) : text;
}
