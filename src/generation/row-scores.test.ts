import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveGenerationOptions } from './options.js';
import {
  bestTokens,
  penalizeRepetition,
  processScores,
  rowLogits,
  rowLogProbabilities,
} from './row-scores.js';

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

describe('processScores', () => {
  const vocabulary = 6;
  const ids = fc.array(fc.nat(vocabulary - 1), { maxLength: 12 });
  const number = fc.float({ min: -2, max: 2, noNaN: true });

  it('subtracts presence and frequency of what was generated, and adds biases, as OpenAI defines them', () => {
    const biases = fc.dictionary(fc.nat(vocabulary + 1).map(String), fc.integer({ min: -100, max: 100 }));
    const scores = fc.array(number, { minLength: vocabulary, maxLength: vocabulary });
    fc.assert(
      fc.property(
        scores,
        ids,
        ids,
        number,
        number,
        biases,
        (before, prompt, generated, presence, frequency, bias) => {
          const values = Float32Array.from(before);
          const options = { presencePenalty: presence, frequencyPenalty: frequency, logitBias: bias };
          processScores({ values }, prompt, generated, resolveGenerationOptions(options));
          for (const [id, score] of before.entries()) {
            const count = generated.filter((each) => each === id).length; // the prompt does not count
            const expected = score - count * frequency - (count > 0 ? presence : 0) + (bias[id] ?? 0);
            expect(values[id]).toBeCloseTo(expected, 4);
          }
        },
      ),
      { seed: 1 },
    );
  });

  it('lets no bias bring an end token back before minNewTokens', () => {
    const values = Float32Array.of(1, 2);
    const options = { minNewTokens: 1, eosTokenId: 1, logitBias: { 1: 100 } };
    processScores({ values }, [], [], resolveGenerationOptions(options));
    expect(Array.from(values)).toEqual([1, -Infinity]);
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
