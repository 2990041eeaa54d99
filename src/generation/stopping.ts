/** @file Decides when a row ends and which of its text is final: end tokens, the limit of new tokens, stop strings. */

import { type Decode, TextStream } from '../text/text-stream.js';
import type { ResolvedGenerationOptions } from './options.js';

/** Why a row ended: an end token or the end of its JSON, a stop string, no more tokens allowed, or its own signal. */
export type FinishReason = 'eos' | 'stop' | 'length' | 'aborted';

/**
 * Where to cut `text`: before the stop string that is complete first (the longest of several). Undefined without one.
 */
export function findStop(text: string, stop: readonly string[]): number | undefined {
  let cut: number | undefined;
  let firstEnd = Infinity;
  for (const string of stop) {
    const start = text.indexOf(string);
    const end = start + string.length;
    if (start === -1 || end > firstEnd || (end === firstEnd && start >= cut!)) continue;
    cut = start;
    firstEnd = end;
  }
  return cut;
}

/**
 * Cuts a text that arrives in pieces before the first stop string. A possible start of a stop string is held back until
 * it is ruled out. The result does not depend on the pieces.
 */
export class StopStrings {
  #held = '';

  constructor(readonly stop: readonly string[]) {}

  /** Adds a piece. Returns the text that is final, and whether a stop string ends it. */
  push(piece: string): { text: string; stopped: boolean } {
    const text = this.#held + piece;
    const cut = findStop(text, this.stop);
    const shown = cut ?? text.length - this.#beginningAtEnd(text);
    this.#held = cut === undefined ? text.slice(shown) : '';
    return { text: text.slice(0, shown), stopped: cut !== undefined };
  }

  /** The text still held back, once the row has ended without a stop string. */
  end(): string {
    return this.#held;
  }

  /** Length of the longest suffix of `text` that a stop string starts with. */
  #beginningAtEnd(text: string): number {
    const longest = Math.max(0, ...this.stop.map((string) => string.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(-length);
      if (this.stop.some((string) => string.startsWith(end))) return length;
    }
    return 0;
  }
}

/** What a row has generated, and whether it has ended. */
export class RowOutput {
  /** New tokens, including an end token and those of a stop string. */
  readonly ids: number[] = [];
  /** The final text so far, without end token and stop string. '' without `decode`. */
  text = '';
  finishReason: FinishReason | undefined;

  readonly #eosTokenIds: ReadonlySet<number>;
  readonly #stream: TextStream;
  readonly #stop: StopStrings;

  constructor(
    { eosTokenIds, stop }: Pick<ResolvedGenerationOptions, 'eosTokenIds' | 'stop'>,
    /** Maximum number of new tokens. */
    readonly limit: number,
    decode: Decode = () => '',
    /** The tokens that the row continues. */
    before: readonly number[] = [],
  ) {
    this.#eosTokenIds = eosTokenIds;
    this.#stream = new TextStream(decode, before);
    this.#stop = new StopStrings(stop);
  }

  /**
   * Adds a token and returns the text that became final.
   * @param isLast ends the row, as an end token behind it would
   */
  push(id: number, isLast = false): string {
    this.ids.push(id);
    const isEnd = this.#eosTokenIds.has(id);
    const ended = isEnd || isLast ? 'eos' : this.ids.length >= this.limit ? 'length' : undefined;
    let piece = isEnd ? '' : this.#stream.push(id);
    if (ended) piece += this.#stream.end();

    const shown = this.#stop.push(piece);
    const text = ended && !shown.stopped ? shown.text + this.#stop.end() : shown.text;
    this.finishReason = shown.stopped ? 'stop' : ended;
    this.text += text;
    return text;
  }
}
