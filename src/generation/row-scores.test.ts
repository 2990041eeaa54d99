import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestTokens, penalizeRepetition, rowLogits, rowLogProbabilities } from './row-scores.js';

describe('bestTokens', () => {
  it('agrees with a full sort, ties in order', () => {
    const values = fc.array(fc.constantFrom(-Infinity, -2.5, -1, 0, 0.25, 1, 3), { maxLength: 60 });
    fc.assert(
      fc.property(values, fc.nat(70), (numbers, count) => {
        const sorted = numbers
          .map((value, id) => ({ value, id }))
          .sort((a, b) => (a.value === b.value ? a.id - b.id : b.value - a.value));
        const best = bestTokens({ values: Float32Array.from(numbers) }, count);
        expect(Array.from(best.ids)).toEqual(sorted.slice(0, count).map(({ id }) => id));
        expect(Array.from(best.values)).toEqual(sorted.slice(0, count).map(({ value }) => value));
      }),
      { seed: 1 },
    );
  });

  it('keeps the ids of candidates', () => {
    const scores = { ids: Int32Array.of(70, 5, 31), values: Float32Array.of(1, 4, 2) };
    expect(bestTokens(scores, 2)).toEqual({ ids: Int32Array.of(5, 31), values: Float32Array.of(4, 2) });
  });
});

describe('penalizeRepetition', () => {
  it('divides positive scores and multiplies negative ones, once for each token', () => {
    const values = Float32Array.of(3, -3, 0, 5);
    penalizeRepetition(values, [0, 1, 2, 1, 0, 99], 2);
    expect(Array.from(values)).toEqual([1.5, -6, 0, 5]);
  });
});

describe('a row of the scores', () => {
  const scores = {
    rows: 2,
    candidates: 2,
    ids: Int32Array.of(4, 1, 7, 0),
    logits: Float32Array.of(5, 4, 3, 1),
    logSumExp: Float32Array.of(6, 3.5),
  };

  it('is a copy', () => {
    const row = rowLogits(scores, 1);
    expect(row).toEqual({ ids: Int32Array.of(7, 0), values: Float32Array.of(3, 1) });
    row.values[0] = 9;
    expect(scores.logits[2]).toBe(3);
  });

  it('has log-probabilities over the whole vocabulary', () => {
    expect(Array.from(rowLogProbabilities(scores, 1).values)).toEqual([-0.5, -2.5]);
  });
});
