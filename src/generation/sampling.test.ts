import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../random.js';
import { type Distribution, drawToken, samplingDistribution } from './sampling.js';

const everything = { temperature: 1, topK: 0, topP: 1 };

/** Scores whose probabilities are known. */
function scoresOf(probabilities: readonly number[]) {
  return { values: Float32Array.from(probabilities, Math.log) };
}

function probabilitiesOf({ ids, weights, total }: Distribution): [id: number, probability: number][] {
  return Array.from(weights, (weight, i) => [ids?.[i] ?? i, weight / total]);
}

function expectProbabilities(
  distribution: Distribution,
  expected: [id: number, probability: number][],
): void {
  const found = probabilitiesOf(distribution);
  expect(found.map(([id]) => id)).toEqual(expected.map(([id]) => id));
  found.forEach(([, probability], i) => {
    expect(probability).toBeCloseTo(expected[i]![1], 6);
  });
}

describe('samplingDistribution', () => {
  const scores = scoresOf([0.1, 0.4, 0.2, 0.3]);

  it('is the softmax where nothing else is asked', () => {
    expectProbabilities(samplingDistribution(scores, everything), [
      [0, 0.1],
      [1, 0.4],
      [2, 0.2],
      [3, 0.3],
    ]);
  });

  it('with temperature 1/2 squares the probabilities', () => {
    const expected: [number, number][] = [
      [0, 1 / 30],
      [1, 16 / 30],
      [2, 4 / 30],
      [3, 9 / 30],
    ];
    expectProbabilities(samplingDistribution(scores, { ...everything, temperature: 0.5 }), expected);
  });

  it('with topK keeps the likeliest', () => {
    expectProbabilities(samplingDistribution(scores, { ...everything, topK: 2 }), [
      [1, 4 / 7],
      [3, 3 / 7],
    ]);
    expect(probabilitiesOf(samplingDistribution(scores, { ...everything, topK: 9 }))).toHaveLength(4);
  });

  it('with topP keeps the smallest set that reaches it, and always one', () => {
    const kept = (topP: number) =>
      probabilitiesOf(samplingDistribution(scores, { ...everything, topP })).map(([id]) => id);
    expect(kept(0.001)).toEqual([1]);
    expect(kept(0.39)).toEqual([1]);
    expect(kept(0.41)).toEqual([1, 3]);
    expect(kept(0.71)).toEqual([1, 2, 3]);
    expect(kept(0.91)).toEqual([0, 1, 2, 3]);
  });

  it('keeps only as many of equally likely tokens as topP needs', () => {
    const { ids } = samplingDistribution(scoresOf([0.2, 0.2, 0.2, 0.2, 0.2]), { ...everything, topP: 0.5 });
    expect(Array.from(ids!)).toEqual([0, 1, 2]);
  });

  it('takes topP of what topK and temperature left', () => {
    // Squared and cut to two: 16/25 and 9/25.
    const both = { temperature: 0.5, topK: 2, topP: 0.6 };
    expectProbabilities(samplingDistribution(scores, both), [[1, 1]]);
    expectProbabilities(samplingDistribution(scores, { ...both, topP: 0.65 }), [
      [1, 16 / 25],
      [3, 9 / 25],
    ]);
  });

  it('never keeps a token that was ruled out', () => {
    const values = Float32Array.of(1, -Infinity, 0);
    const ids = probabilitiesOf(samplingDistribution({ values }, { ...everything, topP: 0.999999 })).map(
      ([id]) => id,
    );
    expect(ids).toEqual([0, 2]);
  });

  it("keeps the nucleus that transformers' rule gives, over any scores", () => {
    const values = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 200 });
    const topP = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(values, topP, (numbers, p) => {
        const { ids } = samplingDistribution(
          { values: Float32Array.from(numbers) },
          { ...everything, topP: p },
        );
        const kept = new Set(ids);
        const max = Math.max(...numbers);
        const sum = numbers.reduce((total, value) => total + Math.exp(value - max), 0);
        // Ascending: a token goes while it and all below it add up to at most 1 - p. Near that border rounding decides.
        const ascending = numbers.map((value, id) => ({ id, weight: Math.exp(value - max) }));
        ascending.sort((a, b) => a.weight - b.weight || b.id - a.id);
        let mass = 0;
        ascending.forEach(({ id, weight }, i) => {
          mass += weight / sum;
          const last = i === ascending.length - 1;
          if (!last && Math.abs(mass - (1 - p)) < 1e-9) return;
          expect(kept.has(id)).toBe(last || mass > 1 - p);
        });
      }),
      { seed: 1 },
    );
  });
});

describe('drawToken', () => {
  const distribution = { ids: Int32Array.of(8, 3, 5), weights: Float64Array.of(1, 0, 3), total: 4 };

  it('finds the token at a place', () => {
    expect([0, 0.2499, 0.25, 0.999999].map((uniform) => drawToken(distribution, uniform))).toEqual([
      8, 8, 5, 5,
    ]);
  });

  it('never draws a token of weight 0, not even where the sum is rounded', () => {
    const rounded = { weights: Float64Array.of(1, 0), total: 1.0000001 };
    expect(drawToken(rounded, 0.99999999)).toBe(0);
  });

  it('draws in proportion to the weights (chi-square)', () => {
    const probabilities = [0.5, 0.2, 0.15, 0.1, 0.05];
    const distribution = samplingDistribution(scoresOf(probabilities), everything);
    const random = randomStream(1, 0);
    const draws = 5000;
    const counts = probabilities.map(() => 0);
    for (let i = 0; i < draws; i++) counts[drawToken(distribution, random())]!++;
    const chiSquare = probabilities.reduce(
      (sum, p, i) => sum + (counts[i]! - p * draws) ** 2 / (p * draws),
      0,
    );
    expect(chiSquare).toBeLessThan(13.3); // 4 degrees of freedom, 1 %
  });
});

describe('randomStream', () => {
  const first = (seed: number, row: number, count = 3) => {
    const random = randomStream(seed, row);
    return Array.from({ length: count }, random);
  };

  it('is fixed by seed and row', () => {
    expect(first(5, 2)).toEqual(first(5, 2));
    const starts = [0, 1, 2, 0xffffffff].flatMap((seed) =>
      [0, 1, 2, 1000].map((row) => first(seed, row).join()),
    );
    expect(new Set(starts).size).toBe(16);
  });

  it('starts evenly over near seeds and rows', () => {
    const starts = Array.from({ length: 2000 }, (_, i) => first(i % 40, Math.floor(i / 40), 1)[0]!);
    const counts = new Array<number>(10).fill(0);
    for (const start of starts) {
      expect(start >= 0 && start < 1).toBe(true);
      counts[Math.floor(start * 10)]!++;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    expect(chiSquare).toBeLessThan(21.7); // 9 degrees of freedom, 1 %
  });
});
