import { describe, expect, it } from 'vitest';
import { calibrated, ensemble, labelScores, normalized } from './label-scores.js';

const log = (...probabilities: number[]) => probabilities.map(Math.log);
const expectProbabilities = (scores: readonly number[], expected: readonly number[]) => {
  expect(scores).toHaveLength(expected.length);
  for (const [i, score] of scores.entries()) expect(Math.exp(score)).toBeCloseTo(expected[i]!, 12);
};

describe('a label', () => {
  it('is as likely as its words on the average, or together', () => {
    const words = [log(0.1, 0.3), log(0.2)];
    expectProbabilities(labelScores(words, 'mean'), [0.5, 0.5]); // 0.2 : 0.2
    expectProbabilities(labelScores(words, 'sum'), [2 / 3, 1 / 3]); // 0.4 : 0.2
  });

  it('keeps its rank if all are very unlikely', () => {
    expectProbabilities(labelScores([[-1000], [-1001]], 'sum'), [1 / (1 + Math.exp(-1)), 1 / (1 + Math.E)]);
    expectProbabilities(normalized([-Infinity, 0]), [0, 1]);
  });
});

it('calibration divides by what inputs without content give', () => {
  // p = (0.6, 0.4), content-free mean (0.8, 0.2): 0.75 : 2
  const free = [log(0.9, 0.1), log(0.7, 0.3)];
  expectProbabilities(calibrated(log(0.6, 0.4), free), [0.75 / 2.75, 2 / 2.75]);
  expectProbabilities(calibrated(log(0.8, 0.2), free), [0.5, 0.5]);
});

it('an ensemble is the mean of log-probabilities', () => {
  const [a, b] = [Math.sqrt(0.9 * 0.4), Math.sqrt(0.1 * 0.6)];
  expectProbabilities(ensemble([log(0.9, 0.1), log(0.4, 0.6)]), [a / (a + b), b / (a + b)]);
  expectProbabilities(ensemble([log(0.9, 0.1)]), [0.9, 0.1]);
});
