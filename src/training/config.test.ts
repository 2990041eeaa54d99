import { expect, test } from 'vitest';
import { trainingSchema } from './config.js';

test('the defaults', () => {
  expect(trainingSchema.parse({ learningRate: 0.3 })).toEqual({
    learningRate: 0.3,
    optimizer: { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    schedule: { name: 'linear' },
    batchSize: 8,
    gradientAccumulationSteps: 1,
    maxGradNorm: 1,
    seed: 42,
  });
});

test('an option of one optimizer or schedule keeps the other defaults', () => {
  const { optimizer, schedule } = trainingSchema.parse({
    learningRate: 1,
    optimizer: { name: 'adafactor', weightDecay: 0.1 },
    schedule: { warmupSteps: 10 },
  });
  expect(optimizer).toEqual({
    name: 'adafactor',
    decayRate: -0.8,
    clipThreshold: 1,
    epsilon: 1e-30,
    weightDecay: 0.1,
  });
  expect(schedule).toEqual({ name: 'linear', warmupSteps: 10 });
});

test.each([
  [{}, ['learningRate']],
  [{ learningRate: 0 }, ['learningRate']],
  [{ learningRate: 1, batchSize: 0 }, ['batchSize']],
  [{ learningRate: 1, maxSteps: 1.5 }, ['maxSteps']],
  [{ learningRate: 1, optimizer: { name: 'adam' } }, ['optimizer', 'name']],
  [{ learningRate: 1, optimizer: { name: 'adamw', momentum: 0.9 } }, ['optimizer']],
  [{ learningRate: 1, optimizer: { name: 'sgd', nesterov: true } }, ['optimizer', 'nesterov']],
  [{ learningRate: 1, learning_rate: 1 }, []],
])('%j is refused by its place', (config, path) => {
  expect(trainingSchema.safeParse(config).error?.issues[0]?.path).toEqual(path);
});
