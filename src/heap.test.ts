import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { popFromHeap, pushToHeap, replaceFirst } from './heap.js';

const before = (a: number, b: number) => a < b;
const ascending = (a: number, b: number) => a - b;

describe('a heap', () => {
  it('has its first item in front, whatever comes and goes', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constantFrom('push', 'replace'), item: fc.integer({ min: -9, max: 9 }) }),
      fc.constant({ kind: 'pop', item: 0 }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const heap: number[] = [];
        let plain: number[] = [];
        for (const { kind, item } of operations) {
          if (kind === 'push') {
            pushToHeap(heap, item, before);
            plain = [...plain, item].sort(ascending);
          } else if (kind === 'pop') {
            expect(popFromHeap(heap, before)).toBe(plain.shift());
          } else if (plain.length > 0) {
            replaceFirst(heap, item, before);
            plain = [...plain.slice(1), item].sort(ascending);
          }
          expect(heap[0]).toBe(plain[0]);
          expect(heap.toSorted(ascending)).toEqual(plain);
        }
      }),
    );
  });
});
