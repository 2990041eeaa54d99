import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFor, shuffledIndices } from '../random.js';
import { paddingShare, planEpoch } from './batches.js';

fc.configureGlobal({ seed: 1 });

const counts = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 200 });

describe('planEpoch', () => {
  it('takes every example once, in full batches but one', () => {
    fc.assert(
      fc.property(
        counts,
        fc.integer({ min: 1, max: 9 }),
        fc.maxSafeInteger(),
        (tokenCounts, batchSize, seed) => {
          const batches = planEpoch({ tokenCounts, batchSize, seed, epoch: 0 });
          expect(batches.flat().sort((a, b) => a - b)).toEqual(tokenCounts.map((_, i) => i));
          const short = batches.filter((batch) => batch.length !== batchSize);
          expect(short.map((batch) => batch.length)).toEqual(
            tokenCounts.length % batchSize === 0 ? [] : [tokenCounts.length % batchSize],
          );
        },
      ),
    );
  });

  it('is fixed by seed and epoch, and differs between them', () => {
    const tokenCounts = Array.from({ length: 100 }, (_, i) => i % 10);
    const plan = (seed: number, epoch: number) => planEpoch({ tokenCounts, batchSize: 4, seed, epoch });
    expect(plan(1, 2)).toEqual(plan(1, 2));
    const plans = [plan(0, 0), plan(0, 1), plan(1, 0), plan(2 ** 32, 0)].map((batches) =>
      JSON.stringify(batches),
    );
    expect(new Set(plans).size).toBe(4);
  });

  it('groups by the number of labels among equal lengths', () => {
    const tokenCounts = new Array<number>(320).fill(5);
    const labelCounts = tokenCounts.map((_, i) => 1 + (i % 2));
    const batches = planEpoch({ tokenCounts, labelCounts, batchSize: 8, seed: 0, epoch: 0 });
    const mixed = batches.filter((batch) => new Set(batch.map((i) => labelCounts[i])).size > 1);
    expect(mixed.length).toBeLessThanOrEqual(4); // at most one in each of four windows
  });

  it('keeps padding under 5 % for lengths like those of real data, where shuffling alone does not', () => {
    // About log-normal, from 15 to 200 tokens: a sum of four uniform numbers in the exponent.
    const random = randomFor('split', 7);
    const uniform = () => (random.next() + 2 ** 31) / 2 ** 32;
    const tokenCounts = Array.from({ length: 4000 }, () =>
      Math.round(15 * Math.exp(2.6 * ((uniform() + uniform() + uniform() + uniform()) / 4))),
    );
    const order = shuffledIndices(tokenCounts.length, random);
    const shuffledOnly = Array.from({ length: 500 }, (_, i) => order.slice(8 * i, 8 * i + 8));
    expect(paddingShare([tokenCounts], shuffledOnly)).toBeGreaterThan(0.2);
    for (const epoch of [0, 1, 2]) {
      const batches = planEpoch({ tokenCounts, batchSize: 8, seed: 1, epoch });
      expect(paddingShare([tokenCounts], batches)).toBeLessThan(0.05);
    }
  });

  it('refuses an invalid batch size', () => {
    expect(() => planEpoch({ tokenCounts: [1], batchSize: 0, seed: 0, epoch: 0 })).toThrow(
      'batchSize is 0, expected',
    );
  });
});

describe('paddingShare', () => {
  it('is the part of all rows that is beyond their own length', () => {
    expect(paddingShare([[2, 4, 3]], [[0, 1], [2]])).toBeCloseTo(2 / 11, 12);
    // The encoder's rows, and the decoder's: 2 of 11 and 3 of 9.
    const parts = [
      [2, 4, 3],
      [3, 0, 3],
    ];
    expect(paddingShare(parts, [[0, 1], [2]])).toBeCloseTo(5 / 20, 12);
    expect(paddingShare([], [])).toBe(0);
  });
});

describe('shuffledIndices', () => {
  it('is even: every number is first about as often', () => {
    const firsts = new Map<number, number>();
    for (let seed = 0; seed < 4000; seed++) {
      const first = shuffledIndices(4, randomFor('split', seed))[0]!;
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    for (const count of firsts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
