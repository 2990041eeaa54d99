/** @file Jobs: asked for, planned, followed. */
import * as z from 'zod';
import type { JobEvent } from '../../workspace/index.js';
import { count, jsonValues, time } from './values.js';

/** A run to start. */
export const newJobSchema = z.strictObject({
  /** The run's name: a new folder in the studio's. It is the id of the run and of its adapter as well. */
  run: z.string().min(1).max(200),
  /** Default: the served model, the only one whose adapters can be tried here at once. */
  model: z.string().optional(),
  /** As in a configuration file: `data`, `method`, `methodOptions`, `learningRate`, `samplePrompts` … */
  config: jsonValues,
  /** First choose learning rate, length and start by short runs. */
  auto: z.boolean().optional(),
  /** Delete the run that has this name. */
  overwrite: z.boolean().optional(),
});
export type NewJob = z.input<typeof newJobSchema>;

/**
 * `waiting`: for the job before it. `running`. `done`. `stopped`: by `stop`. `failed`: see `error`. `interrupted`: the
 * server or the machine ended while it ran. What stopped, failed or was interrupted can be resumed: training from its
 * last checkpoint, a comparison from its last cell, others from their beginning.
 */
export const jobStateSchema = z.enum(['waiting', 'running', 'done', 'stopped', 'failed', 'interrupted']);
export type JobState = z.output<typeof jobStateSchema>;

export const jobTypes = ['train', 'evaluate', 'compare', 'benchmark'] as const;
export type JobType = (typeof jobTypes)[number];

export const jobSchema = z.object({
  id: z.string(),
  type: z.enum(jobTypes),
  /** Of the run that it trains, or of its report. */
  name: z.string(),
  model: z.string(),
  /** What is trained. */
  method: z.string().optional(),
  /** The id of the report that it writes. */
  report: z.string().optional(),
  state: jobStateSchema,
  created: time,
  /** When it came to its present state. */
  changed: time,
  /** Steps that it has trained; of a comparison or a benchmark, parts that are done; of an evaluation, rows. */
  step: count,
  /** 0 until it is known. */
  totalSteps: count,
  /** What happened, in words, where it failed or was interrupted. */
  error: z.string().optional(),
  /** How many messages it has so far. */
  messages: count,
});
export type Job = z.output<typeof jobSchema>;

export const jobsSchema = z.object({
  /** The newest first. */
  jobs: z.array(jobSchema),
});
export type Jobs = z.output<typeof jobsSchema>;

/**
 * An event of `jobs/{id}/events`, as JSON in `data:`. A page that was reloaded continues at the index after the last
 * that it has. The stream ends (`data: [DONE]`) when the job is over. Steps after that of a `resumed` event are void.
 */
export const jobMessageSchema = z.object({
  index: count,
  time,
  event: z.custom<JobEvent | { type: 'state'; state: JobState; error?: string }>(),
});
export type JobMessage = z.output<typeof jobMessageSchema>;

/** What a job would do and cost, without starting it. */
export const planSchema = z.object({
  /** The complete configuration, with what follows from model and data. */
  config: jsonValues,
  trainableParameters: count,
  /** What it starts from, in words. */
  initialization: z.string(),
  examples: count,
  validationExamples: count,
  totalSteps: count,
  stepsPerEpoch: count,
  /** Memory of a step besides the model's weights. */
  memoryBytes: count,
  /** Size of the adapter's file. */
  adapterBytes: count,
  warnings: z.array(z.string()),
});
export type Plan = z.output<typeof planSchema>;

export const doneSchema = z.object({ done: z.literal(true) });
export type Done = z.output<typeof doneSchema>;
