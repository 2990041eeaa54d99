/**
 * @file The cache of a batch whose rows join in pieces: those that are still being read stand behind the others, in
 *   buffers of their own. So a long text that joins neither widens the buffers of short rows nor has them rebuilt,
 *   until it is whole.
 */
import { type CacheSizes, type KeptRow, KeyValueCache } from './key-value-cache.js';
import type { NamedTensors } from './protocol.js';
import type { RowCache, RowPrompt } from './row-cache.js';

/** Like a `KeyValueCache`, but a run takes rows of one part only. New rows are behind. */
export class SplitCache implements RowCache<KeptRow> {
  #front: KeyValueCache;
  #behind: KeyValueCache;

  constructor(sizes: CacheSizes) {
    this.#front = new KeyValueCache(sizes);
    this.#behind = new KeyValueCache(sizes);
  }

  get lengths(): readonly number[] {
    return [...this.#front.lengths, ...this.#behind.lengths];
  }

  get outputNames(): string[] {
    return this.#front.outputNames;
  }

  inputs(counts: readonly number[], first = this.lengths.length - counts.length): NamedTensors {
    const [part, place] = this.#partOf(first);
    return part.inputs(counts, place);
  }

  append(
    outputs: NamedTensors,
    counts: readonly number[],
    first = this.lengths.length - counts.length,
  ): void {
    const [part, place] = this.#partOf(first);
    part.append(outputs, counts, place);
  }

  admit(prompts: readonly (RowPrompt | KeptRow | undefined)[]): void {
    this.#behind.admit(prompts);
  }

  keep(row: number): KeptRow {
    const [part, place] = this.#partOf(row);
    return part.keep(place);
  }

  shorten(counts: readonly number[]): void {
    const front = this.#front.lengths.length;
    this.#front.shorten(counts.slice(0, front));
    this.#behind.shorten(counts.slice(front));
  }

  /**
   * Row r becomes what row `parents[r]` was; rows that are not anyone's parent are dropped.
   * @param front how many rows are in front then. Rows do not go back, and those in front keep their places before
   *   those that come
   */
  reorder(parents: readonly number[], front = 0): void {
    const before = this.#front.lengths.length;
    const behind = parents.map((parent) => parent - before);
    const coming = behind.slice(0, front).filter((row) => row >= 0);
    if (coming.length === front && front > 0 && front === parents.length) {
      // Nothing stays of the former front, and all the others come: the buffers change places.
      this.#front.reorder([]);
      [this.#front, this.#behind] = [this.#behind, this.#front];
      this.#front.reorder(coming);
      return;
    }
    const kept = coming.map((row) => this.#behind.keep(row));
    this.#front.reorder(parents.slice(0, front - coming.length));
    if (kept.length > 0) this.#front.admit(kept);
    this.#behind.reorder(behind.slice(front));
  }

  /** The part that has a row, and its place there. */
  #partOf(row: number): [part: KeyValueCache, place: number] {
    const front = this.#front.lengths.length;
    return row < front ? [this.#front, row] : [this.#behind, row - front];
  }
}
