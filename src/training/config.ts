/** @file Schema of the training options: the only place that states their defaults and limits. */
import * as z from 'zod';
import { deviceNames, maxThreads } from '../runtime/index.js';
import { say } from '../say.js';
import { automaticLength } from './plan.js';

const weightDecay = (byDefault: number) =>
  z.number().nonnegative().default(byDefault).describe("the optimizer's weight decay");
const decayOfMean = (byDefault: number, what: string) =>
  z.number().min(0).lt(1).default(byDefault).describe(what);

export const defaultOptimizer = 'adamw';

/** Each optimizer with the defaults of its original: torch.optim.AdamW and SGD, transformers' Adafactor. */
export const optimizerSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal(defaultOptimizer),
    beta1: decayOfMean(0.9, "decay of the gradients' mean"),
    beta2: decayOfMean(0.999, "decay of the squared gradients' mean"),
    epsilon: z.number().positive().default(1e-8).describe('avoids division by zero'),
    weightDecay: weightDecay(0.01),
  }),
  z
    .strictObject({
      name: z.literal('sgd'),
      momentum: decayOfMean(0, 'fraction of the last update that is kept in the next'),
      nesterov: z.boolean().default(false).describe("use Nesterov's momentum"),
      weightDecay: weightDecay(0),
    })
    .refine((sgd) => !sgd.nesterov || sgd.momentum > 0, {
      path: ['nesterov'],
      error: () => say`nesterov requires a momentum above 0`,
    }),
  z.strictObject({
    name: z.literal('adafactor'),
    decayRate: z
      .number()
      .negative()
      .default(-0.8)
      .describe('the mean of squared gradients decays at step t by 1 - t^decayRate (Shazeer and Stern 2018)'),
    clipThreshold: z
      .number()
      .positive()
      .default(1)
      .describe('largest root mean square of an update, before the learning rate'),
    epsilon: z.number().positive().default(1e-30).describe('added to squared gradients'),
    weightDecay: weightDecay(0),
  }),
]);
export type OptimizerConfig = z.infer<typeof optimizerSchema>;

/** The learning rate over the steps: a warm-up from 0 to its peak, then constant, or a decay to 0. */
export const scheduleSchema = z.strictObject({
  name: z
    .enum(['constant', 'linear', 'cosine'])
    .default('linear')
    .describe('how the learning rate decays after the warm-up'),
  warmupSteps: z
    .int()
    .nonnegative()
    .optional()
    .describe('steps over which the learning rate rises from 0 (default: a twentieth of all steps)'),
  warmupRatio: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('the same, as a fraction of all steps (default: by warmupSteps)'),
});
export type ScheduleConfig = z.infer<typeof scheduleSchema>;

/** Options of the device that a run, or anything else, computes on. */
export const deviceShape = {
  device: z.enum(deviceNames).default('cpu').describe('device to compute on'),
  threads: z
    .int()
    .positive()
    .max(maxThreads)
    .optional()
    .describe('threads to compute with (default: one per core)'),
};

/**
 * Names are those of transformers' TrainingArguments, shortened where unambiguous. A description ends with the default
 * if that is not a constant.
 */
export const trainingSchema = z.strictObject({
  // Good values differ 10,000-fold between methods, so there is no default.
  learningRate: z.number().positive().describe('peak learning rate'),
  optimizer: optimizerSchema.prefault({ name: defaultOptimizer }).describe('the optimizer'),
  schedule: scheduleSchema.prefault({}).describe('schedule of the learning rate'),
  batchSize: z.int().positive().default(8).describe('examples per forward and backward pass'),
  gradientAccumulationSteps: z.int().positive().default(1).describe('batches per step'),
  epochs: z
    .int()
    .positive()
    .optional()
    .describe(
      `passes over the data (default: ${automaticLength.epochs}, but at least ${automaticLength.leastSteps} and at ` +
        `most ${automaticLength.mostSteps} steps)`,
    ),
  maxSteps: z.int().positive().optional().describe('total number of steps (default: by epochs)'),
  maxGradNorm: z
    .number()
    .nonnegative()
    .default(1)
    .describe('gradients are clipped to this norm; 0 disables clipping'),
  evalEvery: z
    .int()
    .positive()
    .optional()
    .describe(
      'steps between validations (default: one epoch if epochs are given, or else a twentieth of all steps)',
    ),
  saveEvery: z
    .int()
    .positive()
    .optional()
    .describe('steps between checkpoints (default: as for validations)'),
  earlyStoppingPatience: z
    .int()
    .nonnegative()
    .optional()
    .describe(
      'stop after this many validations without improvement; 0: never (default: 5, in short runs those of 25 steps)',
    ),
  seed: z.int().nonnegative().default(42).describe('seed of the data order and of random initial values'),
});
export type TrainingConfig = z.infer<typeof trainingSchema>;
