/**
 * @file A heap of token pairs, the most frequent on top; among equally frequent pairs the one with lower ids, so that
 *   training is deterministic.
 */
import { popFromHeap, pushToHeap } from '../heap.js';

export interface PairEntry {
  readonly count: number;
  /** left id × 2²⁶ + right id: sorts pairs by left id, then by right id. */
  readonly pair: number;
}

const base = 2 ** 26;

export function pairOf(left: number, right: number): number {
  return left * base + right;
}

export function idsOf(pair: number): [left: number, right: number] {
  return [Math.floor(pair / base), pair % base];
}

/** Its counts may be outdated: the trainer checks the top and pushes it again with its current count. */
export class PairHeap {
  private readonly entries: PairEntry[] = [];

  push(entry: PairEntry): void {
    pushToHeap(this.entries, entry, comesFirst);
  }

  pop(): PairEntry | undefined {
    return popFromHeap(this.entries, comesFirst);
  }
}

function comesFirst(a: PairEntry, b: PairEntry): boolean {
  return a.count !== b.count ? a.count > b.count : a.pair < b.pair;
}
