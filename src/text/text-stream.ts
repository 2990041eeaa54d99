/** @file Streams the text of tokens in whole Unicode characters. */
import { type Tokenizer, withoutStart } from './tokenizer.js';

/**
 * The text of token ids, as a byte-level tokenizer decodes it: the tokens' bytes joined and read as UTF-8 like
 * TextDecoder does, so that an unfinished character at the end becomes one U+FFFD. It is never called without ids.
 */
export interface Decode {
  (ids: readonly number[]): string;
  /**
   * Whether a token is a byte that is text only together with adjacent ones, such as SentencePiece's byte tokens: if
   * they are not UTF-8, none of them is text. Default: no token is.
   */
  readonly isByte?: (id: number) => boolean;
  /** A final step on the whole text (see Tokenizer). Default: nothing. */
  readonly cleanUp?: (text: string) => string;
}

/**
 * Decodes tokens as parts of a continued text, without what the tokenizer adds at the start of a text.
 * @param options.cleansUp as the tokenizer does (see its `cleanUp`). Default true.
 */
export function decodeOf(
  tokenizer: Tokenizer,
  { cleansUp = true, ...options }: { skipSpecialTokens?: boolean; cleansUp?: boolean } = {},
): Decode {
  const cleanUp = cleansUp ? tokenizer.cleanUp : undefined;
  const raw = { ...options, cleansUp: false };
  const decode = (ids: readonly number[]) => tokenizer.decode(withoutStart(tokenizer, ids), raw);
  return Object.assign(decode, { isByte: (id: number) => tokenizer.isByte?.(id) ?? false, cleanUp });
}

const REPLACEMENT = '\uFFFD';
/** When the window reaches `WINDOW` tokens, it is cut to its last `KEPT`. */
const WINDOW = 16;
const KEPT = 8;

/**
 * Converts tokens to text piece by piece. A code point is never split, however its bytes are spread over tokens, and
 * the pieces concatenated equal `decode` of all tokens. Each token costs the decoding of a few tokens.
 *
 * Only a window of the last tokens is decoded, and only what it adds at its end is returned. Initially the window has
 * the end of the preceding text, because tokenizers like SentencePiece's drop a space at the start of a text.
 */
export class TextStream {
  #window: number[] = [];
  /** Length of the window's text that has been returned. */
  #settled = 0;
  /** Decoded text that is not returned yet, because its clean-up depends on what follows. */
  #held = '';

  /** @param before the tokens that the text continues, such as a prompt's. Those without text are ignored. */
  constructor(
    readonly decode: Decode,
    before: readonly number[] = [],
  ) {
    this.#window = lastWithText(decode, before);
    this.#settled = settledLength(decode, this.#window);
  }

  /** Adds a token and returns the text that became final: '' while a character is unfinished. */
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

  /** The next piece of a text with a clean-up, which depends on what follows a space. */
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
    // If the last tokens have no text, or start inside a character, their text is not the end of the whole.
    if (text === '' || !settled.endsWith(text)) return;
    this.#window = kept;
    this.#settled = text.length;
  }
}

/** The text that `ids` add after `before`. */
export function addedText(decode: Decode, before: readonly number[], ids: readonly number[]): string {
  const last = lastWithText(decode, before);
  const text = decode([...last, ...ids]).slice(settledLength(decode, last));
  return decode.cleanUp?.(text) ?? text;
}

/** The last of `ids` that have text, as many as are needed. */
function lastWithText(decode: Decode, ids: readonly number[]): number[] {
  const last: number[] = [];
  for (let i = ids.length - 1; i >= 0 && last.length < KEPT; i--)
    if (decode([ids[i]!]) !== '') last.unshift(ids[i]!);
  return last;
}

const settledLength = (decode: Decode, ids: readonly number[]) =>
  ids.length === 0 ? 0 : settledText(decode(ids)).length;

/** `text` without a final U+FFFD, which may be an unfinished character. Later tokens cannot change the rest. */
export function settledText(text: string): string {
  return text.endsWith(REPLACEMENT) ? text.slice(0, -1) : text;
}

/** The length of a text whose clean-up no longer depends on what follows. */
function decidedLength(text: string): number {
  // Clean-ups match a space and at most three characters other than spaces and quotes.
  const lastWord = [...text.matchAll(/(?<=[^ ']) (?=[^ '])/g)].at(-1)?.index ?? text.indexOf(' ');
  if (lastWord === -1) return text.length;
  const isLong = text.slice(lastWord).replace(/[ ']/g, '').length > 3;
  return isLong && /[^ ']$/.test(text) ? text.length : lastWord;
}
