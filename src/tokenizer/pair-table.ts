/** @file Numbers by pairs of ids, in flat arrays: with tens of thousands of merges it is built faster than a Map. */

/** An open hash table that never shrinks. Ids are below 2^26, so that a pair fits into one exact number. */
export class PairTable {
  readonly #mask: number;
  readonly #pairs: Float64Array;
  readonly #values: Int32Array;

  /** @param most the maximum number of pairs */
  constructor(most: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * most + 2));
    this.#mask = size - 1;
    this.#pairs = new Float64Array(size).fill(-1);
    this.#values = new Int32Array(size);
  }

  /** Sets the number of a pair, replacing an earlier one. */
  set(left: number, right: number, value: number): void {
    const place = this.#placeOf(left, right);
    this.#pairs[place] = pairKey(left, right);
    this.#values[place] = value;
  }

  get(left: number, right: number): number | undefined {
    const place = this.#placeOf(left, right);
    return this.#pairs[place] === -1 ? undefined : this.#values[place];
  }

  /** The index of the pair, or where it would be inserted. */
  #placeOf(left: number, right: number): number {
    const key = pairKey(left, right);
    const hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    let place = (hash ^ (hash >>> 15)) & this.#mask;
    while (this.#pairs[place] !== -1 && this.#pairs[place] !== key) place = (place + 1) & this.#mask;
    return place;
  }
}

const pairKey = (left: number, right: number) => left * 0x4000000 + right;
