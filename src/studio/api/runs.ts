/** @file Runs in the folder, with their curves. */
import * as z from 'zod';
import { count, jsonValues } from './values.js';

export const runSchema = z.object({
  id: z.string(),
  model: z.string(),
  method: z.string(),
  /** `running`: a process works on it. `stopped`: it can be resumed. */
  state: z.enum(['running', 'done', 'stopped early', 'stopped']),
  steps: count,
  /** Mean over the last ten steps. */
  loss: z.number().optional(),
  bestValidationLoss: z.number().optional(),
  /** Time of its steps, without validation and loading. */
  seconds: z.number().optional(),
  note: z.string().optional(),
  /** Whether it has an adapter or model to use. */
  isUsable: z.boolean(),
  /** The job that works on it, if there is one. */
  job: z.string().optional(),
});
export type Run = z.output<typeof runSchema>;

/** A run that cannot be read, with the reason. */
export const runsSchema = z.object({
  runs: z.array(runSchema),
  unreadable: z.array(z.object({ id: z.string(), problem: z.string() })),
});
export type Runs = z.output<typeof runsSchema>;

/** One column per metric, and the steps at which it has values. */
const curveSchema = z.object({ steps: z.array(count), values: z.array(z.number().nullable()) });

export const runDetailsSchema = runSchema.extend({
  /** Its rows, as `config.data` of a job takes them. Missing where they are not in the studio's folder. */
  data: z.string().optional(),
  /** As in its config.yaml. */
  config: jsonValues,
  curves: z.object({
    loss: curveSchema,
    validationLoss: curveSchema,
    learningRate: curveSchema,
    gradNorm: curveSchema,
    tokensPerSecond: curveSchema,
  }),
  /** What it wrote in training, for each of `samplePrompts`. At step 0, before it learned. */
  samples: z.array(
    z.object({ step: count, samples: z.array(z.object({ prompt: z.string(), text: z.string() })) }),
  ),
});
export type RunDetails = z.output<typeof runDetailsSchema>;

export const runChangeSchema = z.strictObject({
  /** '' removes it. */
  note: z.string().max(10_000),
});
export type RunChange = z.input<typeof runChangeSchema>;

export const deletedRunSchema = z.object({
  /** Names of files in its folder that are not the run's, and stay. */
  left: z.array(z.string()),
});
export type DeletedRun = z.output<typeof deletedRunSchema>;
