import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PromptuneError } from '../errors.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import { type OptimizerConfig, optimizerSchema } from './config.js';
import { createOptimizer, type Optimizer } from './optimizers.js';

const configOf = (config: object) => optimizerSchema.parse(config);

const start = (): TrainableTensors =>
  new Map([
    ['matrix', float32Tensor([2, 3], [0.5, -1, 2, 0.1, 0, -0.3])],
    ['vector', float32Tensor([3], [1, -2, 0.25])],
    ['stack', float32Tensor([2, 2, 2], [1, 2, 3, -4, 0.5, 0.25, -0.125, 8])],
  ]);

const targets = new Map([
  ['matrix', [0, 1, 2.5, 0.7, -0.2, 0.4]],
  ['vector', [0, 3, -0.5]],
  ['stack', [0.5, -1, 2, 1, 3, 0, 0, -2]],
]);

/** ½ Σ (p - target)², and its gradient p - target. */
function quadratic(trainable: TrainableTensors): { loss: number; gradients: Map<string, Float32Array> } {
  let loss = 0;
  const gradients = new Map<string, Float32Array>();
  for (const [name, { data }] of trainable) {
    const gradient = data.map((value, i) => value - targets.get(name)![i]!);
    for (const g of gradient) loss += (g * g) / 2;
    gradients.set(name, gradient);
  }
  return { loss, gradients };
}

async function descend(optimizer: Optimizer, trainable: TrainableTensors, steps: number): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, gradients } = quadratic(trainable);
    losses.push(loss);
    await optimizer.update(gradients, 0.1);
  }
  return losses;
}

// Losses of four steps with lr 0.1 and the numbers after them, printed by torch 2.15's AdamW and SGD and, with
// relative_step=False, scale_parameter=False, warmup_init=False, transformers 5.23's Adafactor.
const cases: [config: object, losses: number[], matrix: number[], vector: number[], stack: number[]][] = [
  [
    { name: 'adamw' },
    [86.765312, 83.369041, 80.153656, 77.107857],
    [0.11162, -0.598128, 2.379019, 0.489851, -0.308034, 0.093573],
    [0.600599, -1.59313, -0.144153],
    [0.60975, 1.593546, 2.592733, -3.585154, 0.896274, -0.093323, 0.077659, 7.568907],
  ],
  [
    { name: 'adamw', beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.5 },
    [86.765312, 77.678429, 69.645309, 62.543854],
    [0.057153, -0.446316, 1.999269, 0.443512, -0.277189, 0.117217],
    [0.451482, -1.259261, -0.15929],
    [0.474512, 1.260372, 2.093363, -2.889044, 0.777265, -0.090942, 0.051674, 6.146628],
  ],
  [
    { name: 'sgd' },
    [86.765312, 70.279907, 56.926727, 46.110641],
    [0.32805, -0.3122, 2.17195, 0.30634, -0.06878, -0.05927],
    [0.6561, -0.2805, -0.007925],
    [0.82805, 0.9683, 2.6561, -2.2805, 1.35975, 0.164025, -0.082012, 4.561],
  ],
  [
    { name: 'sgd', momentum: 0.9, weightDecay: 0.1 },
    [86.765312, 69.196899, 42.712608, 17.996632],
    [0.081591, 0.597562, 2.228223, 0.548839, -0.152149, 0.255343],
    [0.163182, 1.955868, -0.339577],
    [0.543554, -0.43438, 2.011033, 0.108017, 2.363822, 0.040795, -0.020398, -0.216034],
  ],
  [
    { name: 'sgd', momentum: 0.9, nesterov: true },
    [86.765312, 56.926727, 28.69676, 9.295952],
    [0.046944, 0.812224, 2.453056, 0.643667, -0.181222, 0.334278],
    [0.093888, 2.53056, -0.429584],
    [0.546944, -0.718336, 2.093888, 0.53056, 2.76528, 0.023472, -0.011736, -1.061121],
  ],
  [
    { name: 'adafactor' },
    [86.765312, 83.924156, 81.263214, 78.766769],
    [0.263632, -0.632849, 2.217968, 0.632366, -0.087794, 0.294341],
    [0.628599, -1.605116, -0.11008],
    [0.807456, 1.757787, 2.755345, -3.75795, 1.501164, 0.223732, -0.111808, 7.750267],
  ],
  [
    { name: 'adafactor', weightDecay: 0.1, clipThreshold: 0.5, decayRate: -0.5 },
    [86.765312, 84.126343, 81.582191, 79.131317],
    [0.371096, -0.794227, 2.027004, 0.38953, -0.040121, 0.018943],
    [0.764719, -1.72088, 0.045345],
    [0.861573, 1.803189, 2.761775, -3.724899, 0.973947, 0.227801, -0.113875, 7.563622],
  ],
];

test.each(cases)('%j goes the way of its original', async (config, losses, matrix, vector, stack) => {
  const trainable = start();
  const found = await descend(createOptimizer(configOf(config), trainable), trainable, 4);
  expect(found).toEqual(losses.map((loss) => expect.closeTo(loss, 4)));
  for (const [name, expected] of Object.entries({ matrix, vector, stack })) {
    expect([...trainable.get(name)!.data]).toEqual(expected.map((value) => expect.closeTo(value, 5)));
  }
});

test('AdamW by hand: the first step is the learning rate in the direction of the sign, after decay', async () => {
  const trainable: TrainableTensors = new Map([['w', float32Tensor([2], [10, -10])]]);
  const optimizer = createOptimizer(configOf({ name: 'adamw', weightDecay: 0.1 }), trainable);
  await optimizer.update(new Map([['w', Float32Array.of(123, -0.01)]]), 0.5);
  // 10 · (1 - 0.5 · 0.1) ∓ 0.5
  expect(trainable.get('w')!.data[0]).toBeCloseTo(9, 5);
  expect(trainable.get('w')!.data[1]).toBeCloseTo(-9, 5);
});

const optimizers: OptimizerConfig[] = [
  configOf({ name: 'adamw' }),
  configOf({ name: 'sgd', momentum: 0.9 }),
  configOf({ name: 'adafactor' }),
];

test.each(optimizers)('$name goes on from a saved state to the same bits', async (config) => {
  const whole = start();
  await descend(createOptimizer(config, whole), whole, 6);

  const first = start();
  const optimizer = createOptimizer(config, first);
  await descend(optimizer, first, 3);
  const state = structuredClone(optimizer.state());
  const second: TrainableTensors = structuredClone(first);
  await descend(optimizer, first, 1); // what comes after saving must not matter
  const resumed = createOptimizer(config, second);
  resumed.restore(state);
  expect(resumed.state()).toEqual(state);
  await descend(resumed, second, 3);
  expect(second).toEqual(whole);
});

test('the state is named by moment and tensor', () => {
  const names = (config: object) => [...createOptimizer(configOf(config), start()).state()];
  const shapes = (config: object) => names(config).map(([name, { shape }]) => `${name} [${shape}]`);
  expect(shapes({ name: 'sgd' })).toEqual(['step []']);
  expect(shapes({ name: 'adamw' })).toContain('exp_avg_sq.matrix [2,3]');
  expect(shapes({ name: 'adafactor' })).toEqual([
    'step []',
    'exp_avg_sq_row.matrix [2]',
    'exp_avg_sq_col.matrix [3]',
    'exp_avg_sq.vector [3]',
    'exp_avg_sq_row.stack [2,2]',
    'exp_avg_sq_col.stack [2,2]',
  ]);
});

test('a state that does not fit is refused and changes nothing', () => {
  const adamw = createOptimizer(configOf({ name: 'adamw' }), start());
  const before = structuredClone(adamw.state());
  const refused = (state: ReturnType<Optimizer['state']>) => expect(() => adamw.restore(state));

  const other = createOptimizer(configOf({ name: 'sgd', momentum: 0.9 }), start()).state();
  refused(other).toThrow('the saved adamw state has nothing for "exp_avg.matrix", expected float32 [2,3]');
  const reshaped = adamw.state().set('exp_avg.vector', float32Tensor([1, 3]));
  refused(reshaped).toThrow('has float32 [1,3] for "exp_avg.vector", expected float32 [3]');
  refused(adamw.state().set('exp_avg.more', float32Tensor([1]))).toThrow('"exp_avg.more"');
  refused(new Map()).toThrow(PromptuneError);
  expect(adamw.state()).toEqual(before);
});

test('missing gradients and those of another length are refused before anything changes', async () => {
  const trainable = start();
  const optimizer = createOptimizer(configOf({ name: 'sgd' }), trainable);
  const { gradients } = quadratic(trainable);
  gradients.delete('stack');
  await expect(optimizer.update(gradients, 1)).rejects.toThrow('stack: expected 8 gradients, got undefined');
  expect(trainable).toEqual(start());
});

test('an update works on the numbers of the moment, wherever a training step has put them', async () => {
  const trainable = start();
  const optimizer = createOptimizer(configOf({ name: 'sgd' }), trainable);
  const moved = trainable.get('vector')!;
  Object.assign(moved, { data: Float32Array.of(1, 1, 1) });
  await optimizer.update(quadratic(trainable).gradients, 1);
  expect([...moved.data]).toEqual(targets.get('vector'));
});

test('other work gets its turn during the update of a large tensor', async () => {
  const trainable: TrainableTensors = new Map([['w', float32Tensor([4_000_000])]]);
  const optimizer = createOptimizer(configOf({ name: 'adamw' }), trainable);
  let done = false;
  const update = optimizer.update(new Map([['w', new Float32Array(4_000_000)]]), 1).then(() => {
    done = true;
  });
  await setTimeout(0);
  expect(done).toBe(false);
  await update;
});
