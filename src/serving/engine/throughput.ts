/** @file How fast a batch finishes its rows, and so how long those that wait for it will wait. */

/** Rows that are counted, the latest ones. */
const window = 32;

/** Counts the rows that have finished since the batch was last empty. */
export class Throughput {
  /** When the batch got its first row, or the row before the counted ones finished, and when those did. */
  #times: number[] = [];

  /** @param now in milliseconds, of any clock */
  began(now: number): void {
    this.#times = [now];
  }

  finished(now: number): void {
    this.#times.push(now);
    if (this.#times.length > window + 1) this.#times.shift();
  }

  /** Seconds in which that many rows finish, at the rate of the last ones; undefined before any did. */
  secondsFor(rows: number, now: number): number | undefined {
    const [first] = this.#times;
    const finished = this.#times.length - 1;
    return finished < 1 ? undefined : (rows * (now - first!)) / finished / 1000;
  }
}
