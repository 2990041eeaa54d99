/** @file AdamW, SGD and Adafactor on named tensors, in place. Each is a rule for one tensor; the rest is shared. */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { float32Tensor, int64Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import { inChunks } from './chunks.js';
import type { OptimizerConfig } from './config.js';
import { type Gradients, sumOfSquares } from './gradients.js';
import { restoreTensors } from './restore.js';
import { add, divide, multiply, sqrt, subtract, vectorLoop } from './vector-loop.js';

export interface Optimizer {
  /** One step: updates every trainable tensor by its gradient, which may be overwritten. Yields to the event loop. */
  update(gradients: Gradients, learningRate: number): Promise<void>;
  /** The state to resume from: step count and moments, named `<moment>.<tensor>`. Not copies. */
  state(): Map<string, Tensor>;
  /** Restores what `state` returned. Throws a PromptuneError, and changes nothing, if it does not fit the tensors. */
  restore(state: ReadonlyMap<string, Tensor>): void;
}

/**
 * An optimizer's rule for one tensor: claims its moments (initially zero) and returns the update, whose steps count
 * from 1. An update reads `parameter.data` every time, since a training step may have moved it.
 */
type Rule = (parameter: Tensor<'float32'>, moment: Moment) => Update;
type Moment = (name: string, shape: readonly number[]) => Float32Array;
type Update = (gradient: Float32Array, learningRate: number, step: number) => Promise<void>;

/**
 * An optimizer that changes `trainable` in place.
 * @param factors of the learning rate, by tensor. Default: 1
 */
export function createOptimizer(
  config: OptimizerConfig,
  trainable: TrainableTensors,
  factors?: ReadonlyMap<string, number>,
): Optimizer {
  const rule = ruleOf(config);
  const moments = new Map<string, Tensor<'float32'>>();
  const updates = new Map<string, Update>();
  for (const [name, parameter] of trainable) {
    const moment: Moment = (kind, shape) => {
      const zeros = float32Tensor(shape);
      moments.set(`${kind}.${name}`, zeros);
      return zeros.data;
    };
    updates.set(name, rule(parameter, moment));
  }
  let step = 0;

  return {
    async update(gradients, learningRate) {
      for (const [name, parameter] of trainable) {
        const found = gradients.get(name)?.length;
        const expected = parameter.data.length;
        if (found !== expected) throw new RangeError(`${name}: expected ${expected} gradients, got ${found}`);
      }
      step++;
      for (const [name, update] of updates) {
        await update(gradients.get(name)!, learningRate * (factors?.get(name) ?? 1), step);
      }
    },

    state: () => new Map<string, Tensor>([['step', int64Tensor([], [step])], ...moments]),

    restore(state) {
      const savedMoments = new Map(state);
      const savedStep = state.get('step')?.data;
      if (!(savedStep instanceof BigInt64Array)) {
        throw new PromptuneError(say`the saved ${config.name} state has no int64 tensor "step"`, {
          code: 'incompatible',
        });
      }
      savedMoments.delete('step');
      restoreTensors(moments, savedMoments, say`${config.name} state`);
      step = Number(savedStep[0]);
    },
  };
}

function ruleOf(config: OptimizerConfig): Rule {
  switch (config.name) {
    case 'adamw':
      return adamW(config);
    case 'sgd':
      return sgd(config);
    case 'adafactor':
      return adafactor(config);
  }
}

type ConfigOf<Name extends OptimizerConfig['name']> = Extract<OptimizerConfig, { name: Name }>;

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101), like torch.optim.AdamW. */
function adamW({ beta1, beta2, epsilon, weightDecay }: ConfigOf<'adamw'>): Rule {
  return (parameter, moment) => {
    const m = moment('exp_avg', parameter.shape);
    const v = moment('exp_avg_sq', parameter.shape);
    return (g, learningRate, step) => {
      const p = parameter.data;
      const rootCorrection = Math.sqrt(1 - beta2 ** step);
      const terms = {
        beta1,
        beta2,
        rest1: 1 - beta1,
        rest2: 1 - beta2,
        keep: 1 - learningRate * weightDecay,
        stepSize: (learningRate * rootCorrection) / (1 - beta1 ** step),
        floor: epsilon * rootCorrection,
      };
      return inChunks(p.length, (from, to) => adamWLoop({ p, m, v, g }, terms, from, to));
    };
  };
}

/**
 * p ← keep·p - α·m̂ / (√v̂ + ε), with both sides of the fraction multiplied by √(1 - β₂ᵗ), which saves a division per
 * number.
 */
const adamWLoop = vectorLoop(
  ['p', 'm', 'v', 'g'],
  ['beta1', 'beta2', 'rest1', 'rest2', 'keep', 'stepSize', 'floor'],
  ({ at: { p, m, v, g }, scalars, once }) => {
    const { beta1, beta2, rest1, rest2, keep, stepSize, floor } = scalars;
    const mean = once(add(multiply(beta1, m), multiply(rest1, g)));
    const square = once(add(multiply(beta2, v), multiply(multiply(rest2, g), g)));
    const change = divide(multiply(stepSize, mean), add(sqrt(square), floor));
    return { m: mean, v: square, p: subtract(multiply(keep, p), change) };
  },
);

/** Stochastic gradient descent with momentum, like torch.optim.SGD (dampening 0). */
function sgd({ momentum, nesterov, weightDecay }: ConfigOf<'sgd'>): Rule {
  return (parameter, moment) => {
    // Without momentum there is nothing to remember.
    const velocity = momentum > 0 ? moment('momentum_buffer', parameter.shape) : undefined;
    return (g, learningRate) => {
      const p = parameter.data;
      return inChunks(p.length, (from, to) => {
        for (let i = from; i < to; i++) {
          let d = g[i]! + weightDecay * p[i]!;
          if (velocity) {
            const u = momentum * velocity[i]! + d;
            velocity[i] = u;
            d = nesterov ? d + momentum * u : u;
          }
          p[i] = p[i]! - learningRate * d;
        }
      });
    };
  };
}

/**
 * Adafactor (Shazeer and Stern 2018, arXiv:1804.04235), like transformers' with relative_step=False,
 * scale_parameter=False and no first moment. A matrix keeps the row and column means of its second moment; a tensor of
 * higher rank is a stack of matrices; a vector keeps the whole second moment.
 */
function adafactor(config: ConfigOf<'adafactor'>): Rule {
  const { decayRate, clipThreshold, weightDecay } = config;
  return (parameter, moment) => {
    const { shape } = parameter;
    const normalize = (shape.length < 2 ? normalizeWhole : normalizeFactored)(shape, moment, config.epsilon);
    return async (g, learningRate, step) => {
      const p = parameter.data;
      await normalize(g, 1 - step ** decayRate);
      const rootMeanSquare = Math.sqrt((await sumOfSquares(g)) / g.length);
      const rate = learningRate / Math.max(1, rootMeanSquare / clipThreshold);
      const keep = 1 - learningRate * weightDecay;
      await inChunks(p.length, (from, to) => {
        for (let i = from; i < to; i++) p[i] = keep * p[i]! - rate * g[i]!;
      });
    };
  };
}

/** Updates the second moment v with `g` (a moving average with weight `beta`), then divides `g` by √v in place. */
type Normalize = (g: Float32Array, beta: number) => Promise<void>;

function normalizeWhole(shape: readonly number[], moment: Moment, epsilon: number): Normalize {
  const v = moment('exp_avg_sq', shape);
  return (g, beta) =>
    inChunks(v.length, (from, to) => {
      for (let i = from; i < to; i++) {
        const vi = beta * v[i]! + (1 - beta) * (g[i]! * g[i]! + epsilon);
        v[i] = vi;
        g[i] = g[i]! / Math.sqrt(vi);
      }
    });
}

/** With v[i, j] = row[i] · column[j] / mean(row), for each matrix of the stack. */
function normalizeFactored(shape: readonly number[], moment: Moment, epsilon: number): Normalize {
  const [height, width] = shape.slice(-2) as [number, number];
  const row = moment('exp_avg_sq_row', shape.slice(0, -1)); // [..., height]
  const column = moment('exp_avg_sq_col', [...shape.slice(0, -2), width]); // [..., width]
  return async (g, beta) => {
    const columnSums = new Float64Array(column.length);
    const takeIn = (from: number, to: number) => {
      for (let r = from; r < to; r++) {
        const firstColumn = Math.floor(r / height) * width; // of the matrix of row r
        let rowSum = 0;
        for (let j = 0; j < width; j++) {
          const square = g[r * width + j]! ** 2 + epsilon;
          rowSum += square;
          columnSums[firstColumn + j] = columnSums[firstColumn + j]! + square;
        }
        row[r] = beta * row[r]! + (1 - beta) * (rowSum / width);
      }
    };
    await inChunks(row.length, takeIn, width);

    const rowFactor = new Float64Array(row.length);
    for (let first = 0; first < row.length; first += height) {
      let mean = 0;
      for (let r = first; r < first + height; r++) mean += row[r]! / height;
      for (let r = first; r < first + height; r++) rowFactor[r] = Math.sqrt(mean / row[r]!);
    }
    const columnFactor = columnSums; // reuses the sums, which are no longer needed
    for (let c = 0; c < column.length; c++) {
      column[c] = beta * column[c]! + (1 - beta) * (columnSums[c]! / height);
      columnFactor[c] = 1 / Math.sqrt(column[c]!);
    }

    const divide = (from: number, to: number) => {
      for (let r = from; r < to; r++) {
        const firstColumn = Math.floor(r / height) * width;
        const factor = rowFactor[r]!;
        for (let j = 0; j < width; j++) {
          g[r * width + j] = g[r * width + j]! * factor * columnFactor[firstColumn + j]!;
        }
      }
    };
    await inChunks(row.length, divide, width);
  };
}
