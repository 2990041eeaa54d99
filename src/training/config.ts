/** @file The training options, their defaults and their limits: the one place where these are written down. */
import { z } from 'zod';
import { deviceNames } from '../runtime/index.js';

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
    epsilon: z.number().positive().default(1e-8).describe('keeps a division from being by 0'),
    weightDecay: weightDecay(0.01),
  }),
  z
    .strictObject({
      name: z.literal('sgd'),
      momentum: decayOfMean(0, 'how much of the last update is in the next'),
      nesterov: z.boolean().default(false).describe("take Nesterov's momentum"),
      weightDecay: weightDecay(0),
    })
    .refine((sgd) => !sgd.nesterov || sgd.momentum > 0, {
      path: ['nesterov'],
      error: 'nesterov needs a momentum above 0',
    }),
  z.strictObject({
    name: z.literal('adafactor'),
    decayRate: z
      .number()
      .negative()
      .default(-0.8)
      .describe("the squared gradients' mean decays at step t by 1 - t^decayRate"),
    clipThreshold: z
      .number()
      .positive()
      .default(1)
      .describe('the largest root mean square of an update before the learning rate'),
    epsilon: z.number().positive().default(1e-30).describe('added to squared gradients'),
    weightDecay: weightDecay(0),
  }),
]);
export type OptimizerConfig = z.infer<typeof optimizerSchema>;

export const scheduleSchema = z.strictObject({
  name: z
    .enum(['constant', 'linear', 'cosine'])
    .default('linear')
    .describe('how the learning rate falls after the warm-up'),
  warmupSteps: z
    .int()
    .nonnegative()
    .optional()
    .describe('steps over which the learning rate rises from 0 (default: those of warmupRatio)'),
  warmupRatio: z.number().min(0).max(1).default(0).describe('the same as a share of all steps'),
});
export type ScheduleConfig = z.infer<typeof scheduleSchema>;

/** Where a run computes, or anything else. */
export const deviceShape = {
  device: z.enum(deviceNames).default('cpu').describe('where to compute'),
  threads: z.int().positive().optional().describe('threads to compute with (default: one per core)'),
};

/**
 * Names as in transformers' TrainingArguments, shortened where nothing else could be meant. A description ends with the
 * default where that is not a constant.
 */
export const trainingSchema = z.strictObject({
  // What is right differs 10,000-fold between methods, hence no default.
  learningRate: z.number().positive().describe("the schedule's highest"),
  optimizer: optimizerSchema.prefault({ name: defaultOptimizer }).describe('the optimizer'),
  schedule: scheduleSchema.prefault({}).describe('how the learning rate rises and falls'),
  batchSize: z.int().positive().default(8).describe('examples in one forward and backward pass'),
  gradientAccumulationSteps: z.int().positive().default(1).describe('batches that make one step'),
  epochs: z.int().positive().default(3).describe('passes over the data'),
  maxSteps: z.int().positive().optional().describe('steps in all (default: those of epochs)'),
  maxGradNorm: z
    .number()
    .nonnegative()
    .default(1)
    .describe('gradients are scaled down to this norm; 0: never'),
  evalEvery: z.int().positive().optional().describe("steps between validations (default: an epoch's)"),
  saveEvery: z.int().positive().optional().describe("steps between checkpoints (default: an epoch's)"),
  earlyStoppingPatience: z
    .int()
    .positive()
    .optional()
    .describe('stop after so many validations without a better one (default: never)'),
  seed: z.int().nonnegative().default(42).describe('fixes the order of the data and random starts'),
});
export type TrainingConfig = z.infer<typeof trainingSchema>;
