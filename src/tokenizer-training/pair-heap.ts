/**
 * @file A heap of token pairs, the most frequent on top; among equals the pair of lower ids, so that training is
 * fixed.
 */
import { popFromHeap, pushToHeap } from '../heap.js';

export interface PairEntry {
  readonly count: number;
  /** left id × 2²⁶ + right id: orders pairs by left id, then by right id. */
  readonly pair: number;
}

const base = 2 ** 26;

export function pairOf(left: number, right: number): number {
  return left * base + right;
}

export function idsOf(pair: number): [left: number, right: number] {
  return [Math.floor(pair / base), pair % base];
}

/** Counts in it may be out of date: the trainer checks the top and pushes it again with its true count. */
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
