/** @file A limit per minute that is restored evenly, so that nobody waits for the minute to turn (a token bucket). */
export class Allowance {
  readonly #perMinute: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  /** @param now a clock in milliseconds */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
    this.#left = perMinute;
    this.#at = now();
  }

  /** Seconds until so much is there; 0 if it is. */
  secondsUntil(amount: number): number {
    const now = this.#now();
    this.#left = Math.min(this.#perMinute, this.#left + ((now - this.#at) * this.#perMinute) / 60_000);
    this.#at = now;
    return Math.max(0, ((amount - this.#left) * 60) / this.#perMinute);
  }

  /** Takes more than there is as well: what was used already is restored before the next can begin. */
  take(amount: number): void {
    this.#left -= amount;
  }
}
