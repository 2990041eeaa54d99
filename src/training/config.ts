/** @file The training options, their defaults and their limits: the one place where these are written down. */
import { z } from 'zod';

const weightDecay = (byDefault: number) => z.number().nonnegative().default(byDefault);
const decayOfMean = (byDefault: number) => z.number().min(0).lt(1).default(byDefault);

/** Each optimizer with the defaults of its original: torch.optim.AdamW and SGD, transformers' Adafactor. */
export const optimizerSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('adamw'),
    beta1: decayOfMean(0.9),
    beta2: decayOfMean(0.999),
    epsilon: z.number().positive().default(1e-8),
    weightDecay: weightDecay(0.01),
  }),
  z
    .strictObject({
      name: z.literal('sgd'),
      momentum: decayOfMean(0),
      nesterov: z.boolean().default(false),
      weightDecay: weightDecay(0),
    })
    .refine((sgd) => !sgd.nesterov || sgd.momentum > 0, {
      path: ['nesterov'],
      error: 'nesterov needs a momentum above 0',
    }),
  z.strictObject({
    name: z.literal('adafactor'),
    /** The second moment's decay at step t is 1 - t^decayRate. */
    decayRate: z.number().negative().default(-0.8),
    /** The largest root mean square of an update before the learning rate. */
    clipThreshold: z.number().positive().default(1),
    /** Added to squared gradients. */
    epsilon: z.number().positive().default(1e-30),
    weightDecay: weightDecay(0),
  }),
]);
export type OptimizerConfig = z.infer<typeof optimizerSchema>;

export const scheduleSchema = z.strictObject({
  name: z.enum(['constant', 'linear', 'cosine']).default('linear'),
  /** Steps over which the learning rate rises from 0. Overrides warmupRatio. */
  warmupSteps: z.int().nonnegative().optional(),
  /** The same as a share of all steps. */
  warmupRatio: z.number().min(0).max(1).default(0),
});
export type ScheduleConfig = z.infer<typeof scheduleSchema>;

/** Names as in transformers' TrainingArguments, shortened where nothing else could be meant. */
export const trainingSchema = z.strictObject({
  /** The schedule's peak. What is right differs 10,000-fold between methods, hence no default. */
  learningRate: z.number().positive(),
  optimizer: optimizerSchema.prefault({ name: 'adamw' }),
  schedule: scheduleSchema.prefault({}),
  /** Examples in one forward and backward. */
  batchSize: z.int().positive().default(8),
  /** Micro-batches whose gradients make one step. */
  gradientAccumulationSteps: z.int().positive().default(1),
  epochs: z.int().positive().default(3),
  /** Steps in all. Overrides epochs. */
  maxSteps: z.int().positive().optional(),
  /** Gradients are scaled down to this global norm; 0 leaves them alone. */
  maxGradNorm: z.number().nonnegative().default(1),
  /** Steps from one validation to the next. Default: an epoch's. */
  evalEvery: z.int().positive().optional(),
  /** Steps from one checkpoint to the next. Default: an epoch's. */
  saveEvery: z.int().positive().optional(),
  /** End after this many validations in a row without a new best loss. Default: never. */
  earlyStoppingPatience: z.int().positive().optional(),
  /** Fixes the order of the data. */
  seed: z.int().nonnegative().default(42),
});
export type TrainingConfig = z.infer<typeof trainingSchema>;
