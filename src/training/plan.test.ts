import { describe, expect, it } from 'vitest';
import { trainingSchema } from './config.js';
import { automaticValidation, planTraining, planWarnings, settledBy } from './plan.js';

const plan = (examples: number, config: object = {}, hasValidation = true) =>
  planTraining(trainingSchema.parse({ learningRate: 0.1, ...config }), { examples, hasValidation });

describe('the length of a run', () => {
  it.each([
    [26, {}, 200], // 4 steps an epoch
    [800, {}, 300], // 3 epochs of 100
    [100_000, {}, 1000],
    [800, { epochs: 3 }, 300],
    [26, { epochs: 2 }, 8],
    [26, { maxSteps: 7, epochs: 2 }, 7],
  ])('of %d examples with %j is %d steps', (examples, config, totalSteps) => {
    expect(plan(examples, config).totalSteps).toBe(totalSteps);
  });

  it('is what a run notes, and goes on with', () => {
    const first = plan(800);
    expect(settledBy(first)).toEqual({
      maxSteps: 300,
      evalEvery: 15,
      saveEvery: 15,
      earlyStoppingPatience: 5,
      schedule: { name: 'linear', warmupSteps: 15 },
    });
    expect(plan(800, settledBy(first))).toEqual(first);
  });

  it('by epochs has a validation and a checkpoint in each, as in earlier versions', () => {
    const earlier = { epochs: 3, schedule: { warmupRatio: 0 }, earlyStoppingPatience: 0 };
    expect(plan(26, earlier)).toMatchObject({ evalEvery: 4, saveEvery: 4, totalSteps: 12 });
    expect(settledBy(plan(26, earlier))).toEqual({
      earlyStoppingPatience: 0,
      schedule: { name: 'linear', warmupRatio: 0 },
    });
  });
});

it('stops early only where there is validation', () => {
  expect(plan(800, {}, false).earlyStoppingPatience).toBe(0);
  expect(plan(800, { earlyStoppingPatience: 2 }).earlyStoppingPatience).toBe(2);
});

it('gives up in a short run after 25 steps without improvement, not after a few', () => {
  expect(plan(800, { maxSteps: 20 })).toMatchObject({ evalEvery: 1, earlyStoppingPatience: 25 });
  expect(plan(800, { maxSteps: 60 })).toMatchObject({ evalEvery: 3, earlyStoppingPatience: 9 });
  expect(plan(800, { maxSteps: 100 })).toMatchObject({ evalEvery: 5, earlyStoppingPatience: 5 });
  expect(plan(800, { maxSteps: 20, evalEvery: 1 }).earlyStoppingPatience).toBe(5);
  expect(plan(800, { epochs: 1 }).earlyStoppingPatience).toBe(5);
});

it('has no warm-up in runs of fewer than 20 steps', () => {
  expect(plan(800, { maxSteps: 19 }).schedule.warmupSteps).toBe(0);
  expect(plan(800, { schedule: { warmupRatio: 0.5 } }).schedule).toEqual({
    name: 'linear',
    warmupRatio: 0.5,
  });
});

it('says that few steps are few', () => {
  expect(planWarnings({ totalSteps: 12 })[0]).toContain('12 steps are unlikely to be enough');
  expect(planWarnings({ totalSteps: 50 })).toEqual([]);
});

it('holds out a tenth of the examples, from 100 on and up to 200', () => {
  expect([99, 100, 1234, 1e6].map(automaticValidation)).toEqual([0, 10, 123, 200]);
});
