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
/** Kernels take up to 12 rows at once, so that fewer cost as much. */
const least = 12;
const start = 32;
/** Fraction of a step's time: the interval between two tokens then less than doubles. */
const share = 0.75;
/** A single measurement changes the budget by this factor at most. */
const mostChange = 1.5;

/**
 * How many tokens of prefill take less time than a decoding step, if no number is configured. The cost of a piece is
 * not in proportion to its tokens: weights that are mapped are packed for every run, which costs as much for few tokens
 * as for many. So the budget follows what pieces of its own size took.
 */
export class PrefillBudget {
  readonly #fixed: number | undefined;
  #stepTime: number | undefined;
  #tokens = start;

  constructor(fixed?: number) {
    this.#fixed = fixed;
  }

  /** @param isDecoding whether other rows are decoding meanwhile */
  tokens(isDecoding: boolean): number {
    if (this.#fixed !== undefined) return this.#fixed;
    return isDecoding ? Math.round(this.#tokens) : alone;
  }

  /** Records the time of a decoding step. */
  stepped(milliseconds: number): void {
    this.#stepTime = this.#stepTime === undefined ? milliseconds : 0.8 * this.#stepTime + 0.2 * milliseconds;
  }

  /** Records the time of a piece. Those much smaller than the budget, and those of rows alone, say nothing about it. */
  prefilled(tokens: number, milliseconds: number): void {
    if (this.#stepTime === undefined || tokens < this.#tokens / 2 || tokens > 2 * this.#tokens) return;
    const change = (share * this.#stepTime) / milliseconds;
    const next = this.#tokens * Math.max(1 / mostChange, Math.min(mostChange, change));
    this.#tokens = Math.max(least, Math.min(alone, next));
  }
}
