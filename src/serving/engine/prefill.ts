/** @file Chooses the rows to prefill next, and with how many tokens, so that decoding rows do not wait for long. */

export interface PrefillPart {
  readonly first: number;
  readonly count: number;
  /** Maximum tokens of each row. */
  readonly width: number;
}

/**
 * Chooses consecutive rows with at most `budget` tokens, padding included. The first is the row that came first or,
 * every other time, the one with the fewest remaining tokens, so that long prompts neither delay short ones nor are
 * delayed by them. The rows behind it join if they are no longer.
 * @param remaining the remaining tokens of each row; rows with 0 have been prefilled, and precede the others
 */
export function nextPrefill(
  remaining: readonly number[],
  budget: number,
  isTurnOfShortest: boolean,
): PrefillPart | undefined {
  const begin = remaining.findIndex((tokens) => tokens > 0);
  if (begin === -1) return undefined;
  let first = begin;
  if (isTurnOfShortest)
    for (let row = begin; row < remaining.length; row++) if (remaining[row]! < remaining[first]!) first = row;
  const width = Math.min(budget, remaining[first]!);
  let count = 1;
  while (
    first + count < remaining.length &&
    (count + 1) * width <= budget &&
    remaining[first + count]! <= width
  )
    count++;
  return { first, count, width };
}

/** If no row is decoding: enough tokens to use the machine well. */
const alone = 512;
const [least, start] = [16, 64];
/** Fraction of a step's time: the interval between two tokens then less than doubles. */
const share = 0.75;

/** Estimates how many tokens of prefill take less time than a decoding step, if no number is configured. */
export class PrefillBudget {
  readonly #fixed: number | undefined;
  #stepTime: number | undefined;
  #tokenTime: number | undefined;

  constructor(fixed?: number) {
    this.#fixed = fixed;
  }

  /** @param isDecoding whether other rows are decoding meanwhile */
  tokens(isDecoding: boolean): number {
    if (this.#fixed !== undefined) return this.#fixed;
    if (!isDecoding) return alone;
    if (this.#stepTime === undefined || this.#tokenTime === undefined) return start;
    return Math.max(least, Math.min(alone, Math.floor((share * this.#stepTime) / this.#tokenTime)));
  }

  /** Records the time of a decoding step. */
  stepped(milliseconds: number): void {
    this.#stepTime = smoothed(this.#stepTime, milliseconds);
  }

  /**
   * Records the time of a prefill. Small ones measure the cost of a run rather than that of a token, and do not count.
   */
  prefilled(tokens: number, milliseconds: number): void {
    if (tokens >= least) this.#tokenTime = smoothed(this.#tokenTime, milliseconds / tokens);
  }
}

const smoothed = (before: number | undefined, now: number) =>
  before === undefined ? now : 0.8 * before + 0.2 * now;
