import { expect, test } from 'vitest';
import type { Figures, TaskResult } from './measure-task.js';
import { compare, comparisonTable, resultTable, standardDeviation } from './report.js';

const figures = (losses: number[], score: number): Figures => ({
  loss: losses.reduce((a, b) => a + b) / 8,
  scores: [score],
  losses,
  samples: [],
});

const result: TaskResult = {
  task: 'sentiment',
  sizes: { train: 4, validation: 4, test: 4 },
  labelTokens: 8,
  textPrompts: [
    { layout: { prompt: 'Review: {input}\nSentiment:', answer: ' {completion}' }, validationLoss: 1 },
  ],
  softPromptLayout: { prompt: '{input}\n', answer: '{completion}' },
  conditions: {
    'no prompt': [figures([4, 4, 4, 4], 50)],
    'text prompt': [figures([2, 2, 2, 2], 75)],
    'soft prompt': [figures([1, 1, 2, 2], 80), figures([0, 1, 1, 4], 90)],
    'full fine-tuning': [figures([1, 0, 0, 0], 100), figures([1, 0, 0, 0], 100)],
  },
};

test('a sample of two', () => {
  expect(standardDeviation([1, 3])).toBeCloseTo(Math.SQRT2, 12);
  expect(standardDeviation([5])).toBe(0);
});

test('the gain is that of the same rows', () => {
  // Mean soft losses 0.5, 1, 1.5, 3: gains 1.5, 1, 0.5, -1 over 8 label tokens; the sum 2, their deviation 1.0801.
  const { gain, error, share } = compare(result.conditions, 8);
  expect(gain).toBeCloseTo(0.25, 12);
  expect(error).toBeCloseTo((1.0801234497 * 2) / 8, 9);
  expect(share).toBe(75);
});

test('the tables', () => {
  expect(resultTable([result])).toBe(
    [
      '| task | on test rows | no prompt | text prompt | soft prompt | full fine-tuning |',
      '| --- | --- | ---: | ---: | ---: | ---: |',
      '| classify a review | loss | 2.000 | 1.000 | 0.750 ± 0.000 | 0.125 ± 0.000 |',
      '|  | perplexity | 7.39 | 2.72 | 2.12 ± 0.00 | 1.13 ± 0.00 |',
      '|  | accuracy | 50.0 | 75.0 | 85.0 ± 7.1 | 100.0 ± 0.0 |',
    ].join('\n'),
  );
  expect(comparisonTable([result]).split('\n')[2]).toBe(
    '| classify a review | `Review: {input}\\nSentiment: {completion}` | 0.250 ± 0.270 | 75 % |',
  );
});
