import { expect, test } from 'vitest';
import { learningRateAt } from './schedules.js';

const rates = (schedule: Parameters<typeof learningRateAt>[3], totalSteps = 10, peak = 2) =>
  Array.from({ length: totalSteps + 1 }, (_, step) => learningRateAt(step, totalSteps, peak, schedule));

const closeTo = (expected: number[]) => expected.map((value) => expect.closeTo(value, 6));

// Printed by transformers 5.23's get_scheduler with lr 2, num_warmup_steps 3, num_training_steps 10.
test.each([
  ['constant', [0, 0.666667, 1.333333, 2, 2, 2, 2, 2, 2, 2, 2]],
  ['linear', [0, 0.666667, 1.333333, 2, 1.714286, 1.428571, 1.142857, 0.857143, 0.571429, 0.285714, 0]],
  ['cosine', [0, 0.666667, 1.333333, 2, 1.900969, 1.62349, 1.222521, 0.777479, 0.37651, 0.099031, 0]],
] as const)('%s with warm-up gives the rates of transformers', (name, expected) => {
  expect(rates({ name, warmupSteps: 3, warmupRatio: 0 })).toEqual(closeTo([...expected]));
});

test('without warm-up the first step has the peak rate', () => {
  expect(rates({ name: 'linear', warmupRatio: 0 }, 4)).toEqual([2, 1.5, 1, 0.5, 0]);
});

test('warmupRatio is a share of all steps, rounded up, and warmupSteps overrides it', () => {
  const ratio = rates({ name: 'linear', warmupRatio: 0.25 });
  expect(ratio).toEqual(rates({ name: 'linear', warmupSteps: 3, warmupRatio: 0 }));
  expect(rates({ name: 'linear', warmupSteps: 3, warmupRatio: 0.9 })).toEqual(ratio);
});

test('past the last step, and with nothing but warm-up, rates stay in range', () => {
  expect(learningRateAt(20, 10, 2, { name: 'linear', warmupRatio: 0 })).toBe(0);
  expect(learningRateAt(20, 10, 2, { name: 'cosine', warmupRatio: 0 })).toBeCloseTo(0, 12);
  expect(rates({ name: 'linear', warmupRatio: 1 }, 2)).toEqual([0, 1, 2]);
});
