/** @file Reports: evaluations, comparisons and benchmarks, and the metrics that they may have. */
import * as z from 'zod';
import { jsonValues, time } from './values.js';

/** Pages that `eval`, `compare` and `benchmark` wrote into the studio's folder. */
export const reportsSchema = z.object({
  reports: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      changed: time,
      /** Where to show it: the address of a frame, which needs no key, valid as long as the server runs. */
      address: z.string(),
    }),
  ),
});
export type Reports = z.output<typeof reportsSchema>;

/** What answers can be scored by. */
export const metricsSchema = z.object({
  metrics: z.array(
    z.object({
      name: z.string(),
      /** What it compares: generated texts, labels, the probabilities of labels, or the data itself. */
      needs: z.enum(['texts', 'labels', 'probabilities', 'data']),
      better: z.enum(['higher', 'lower']),
    }),
  ),
});
export type Metrics = z.output<typeof metricsSchema>;

/** The name of a report to write, which is new. */
const reportName = z.string().min(1).max(200);

/** Answers of adapters to rows, scored beside those of the model alone. */
export const newEvaluationSchema = z.strictObject({
  name: reportName,
  /** Default: the served model. */
  model: z.string().optional(),
  /** Their ids. Several are combined; none: the model alone. */
  adapters: z.array(z.string()).max(16),
  /** As `config.data` of a job. */
  data: z.string(),
  /** How the rows are read, as keys of a run. Default: as the adapter notes. */
  reading: jsonValues.optional(),
  answers: z.strictObject({
    /** Default: those of labels, for a head or with `labels`. */
    metrics: z.array(z.string()).optional(),
    /** Choose the most likely of these instead of generating. */
    labels: z.array(z.string()).optional(),
    /** The field of the right answer. Default: the completion. */
    referenceField: z.string().optional(),
    generation: jsonValues.optional(),
  }),
});
export type NewEvaluation = z.input<typeof newEvaluationSchema>;

/** Methods × seeds × sizes on the same rows; its runs are in the folder of its name. */
export const newComparisonSchema = z.strictObject({
  name: reportName,
  /** Default: the served model. */
  model: z.string().optional(),
  /** As in a configuration of `promptune compare`, without `model` and `output`. */
  config: jsonValues,
});
export type NewComparison = z.input<typeof newComparisonSchema>;

/** Prompts of text and learned ones on the same rows. */
export const newBenchmarkSchema = z.strictObject({
  name: reportName,
  /** Default: the served model. */
  model: z.string().optional(),
  /** As the options of `promptune benchmark`: `data`, `test`, `labelField`, `metrics`, `methods` … */
  config: jsonValues,
});
export type NewBenchmark = z.input<typeof newBenchmarkSchema>;
