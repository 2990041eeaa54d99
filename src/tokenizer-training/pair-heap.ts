/** @file A heap of token pairs, the most frequent on top; among equals the pair of lower ids, so that training is fixed. */

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

/** A binary heap. Counts in it may be out of date: the trainer checks the top and pushes it again with its true count. */
export class PairHeap {
  private readonly entries: PairEntry[] = [];

  push(entry: PairEntry): void {
    const { entries } = this;
    let at = entries.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!comesFirst(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): PairEntry | undefined {
    const { entries } = this;
    const top = entries[0];
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && comesFirst(entries[child + 1]!, entries[child]!)) child++;
      if (!comesFirst(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last;
    return top;
  }
}

function comesFirst(a: PairEntry, b: PairEntry): boolean {
  return a.count !== b.count ? a.count > b.count : a.pair < b.pair;
}
