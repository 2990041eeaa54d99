/** @file Which rows are prefilled next, and with how many tokens, so that those that decode do not wait for long. */

export interface PrefillPart {
  readonly first: number;
  readonly count: number;
  /** Most tokens of each row. */
  readonly width: number;
}

/**
 * Some rows next to one another, with at most `budget` tokens, padding included: the row that came first or, every
 * other time, the one with the fewest tokens to go, so that a long prompt neither stops short ones nor is stopped by
 * them; and those behind it that are no longer.
 * @param remaining of each row, the tokens to go; rows with 0 are not prefilled any more, and stand before the others
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

/** With nobody to wait for it: as many tokens as make good use of the machine. */
const alone = 512;
const [least, start] = [16, 64];
/** Of a step's time: a token that waits for both comes in less than twice the time that it takes otherwise. */
const share = 0.75;

/**
 * Finds how many tokens of prefill take less long than a step of decoding, where it is not said how many there are to
 * be.
 */
export class PrefillBudget {
  readonly #fixed: number | undefined;
  #stepTime: number | undefined;
  #tokenTime: number | undefined;

  constructor(fixed?: number) {
    this.#fixed = fixed;
  }

  /** @param isDecoding whether rows wait for their next tokens meanwhile */
  tokens(isDecoding: boolean): number {
    if (this.#fixed !== undefined) return this.#fixed;
    if (!isDecoding) return alone;
    if (this.#stepTime === undefined || this.#tokenTime === undefined) return start;
    return Math.max(least, Math.min(alone, Math.floor((share * this.#stepTime) / this.#tokenTime)));
  }

  /** A step took so long. */
  stepped(milliseconds: number): void {
    this.#stepTime = smoothed(this.#stepTime, milliseconds);
  }

  /** The prefill of so many tokens did. Small ones say more of what a run costs than of what a token does. */
  prefilled(tokens: number, milliseconds: number): void {
    if (tokens >= least) this.#tokenTime = smoothed(this.#tokenTime, milliseconds / tokens);
  }
}

const smoothed = (before: number | undefined, now: number) =>
  before === undefined ? now : 0.8 * before + 0.2 * now;
