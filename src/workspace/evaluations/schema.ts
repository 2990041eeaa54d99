/** @file The configuration of an evaluation: keys, defaults and descriptions. */
import * as z from 'zod';
import { labelMetrics } from '../../evaluation/evaluate.js';
import { isLossMetric, lossMetrics, metricNamed, metrics } from '../../evaluation/metrics/registry.js';
import { generationOptionsSchema } from '../../generation/options.js';
import { modelDtypes } from '../../models/dtype.js';
import { dataSchema } from '../../text/data-config.js';
import { deviceShape } from '../../training/config.js';

const metricNames = [...lossMetrics, ...metrics.map(({ name }) => name)];

const metricName = z.string().superRefine((name, context) => {
  try {
    if (!isLossMetric(name)) metricNamed(name);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

/** Options of scoring answers. */
export const answersSchema = z.strictObject({
  metrics: z
    .array(metricName)
    .min(1)
    .optional()
    .meta({
      description: `metrics of answers: ${metricNames.join(', ')} (default: loss and perplexity; for labels ${labelMetrics.join(', ')})`,
      format: 'names',
    }),
  labels: z.array(z.string().min(1)).min(1).optional().meta({
    description:
      'choose the most likely of these completions instead of generating (default: with metrics of labels, those of the verbalizer)',
    format: 'names',
  }),
  referenceField: z.string().min(1).optional().meta({
    description: 'the field of the right answer, or of a list of right answers (default: the completion)',
    format: 'name',
  }),
  predictions: z.string().min(1).optional().meta({
    description: 'write every row with its answer and scores to this file, as JSON lines',
    format: 'path',
  }),
  report: z.string().min(1).optional().meta({
    description: 'write a self-contained HTML page to this file',
    format: 'path',
  }),
  generation: generationOptionsSchema.optional().describe('how answers are generated'),
});
export type AnswersConfig = z.input<typeof answersSchema>;

export const evaluationSchema = z.strictObject({
  model: z.string().min(1).optional().meta({
    description:
      "a folder, or a model of the Hugging Face Hub (default: the first adapter's own, or without one the embedded model)",
    format: 'path',
  }),
  revision: z.string().optional().meta({
    description: 'branch, tag or commit of the model on the Hub (default: main)',
    format: 'name',
  }),
  offline: z.boolean().optional().describe('use only local files'),
  dtypes: z
    .array(z.enum(modelDtypes))
    .min(1)
    .optional()
    .describe("precision of the model's matrices in memory; several are compared"),
  adapters: z
    .array(z.string().min(1))
    .optional()
    .describe('folders of adapters; several are combined, in the given order'),
  task: z
    .int()
    .nonnegative()
    .optional()
    .describe('task to use, for an adapter with several tasks (default: 0)'),
  data: z.string().min(1).meta({
    description: 'test data: .jsonl, .json, .csv, .tsv, .txt (also .gz), .parquet, or hf:owner/name',
    format: 'path',
  }),
  reading: dataSchema.optional().describe('how the data is read, as in training'),
  answers: answersSchema
    .optional()
    .describe('scoring of answers (default: loss and perplexity, or loss and accuracy of a head)'),
  batchSize: z.int().positive().default(8).describe('examples per batch; only affects speed'),
  device: deviceShape.device,
  threads: deviceShape.threads,
});
