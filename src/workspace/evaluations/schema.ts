/** @file What an evaluation is asked to do, in one configuration: its keys, their defaults, and their descriptions. */
import { z } from 'zod';
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

/** What answers are scored by. */
export const answersSchema = z.strictObject({
  metrics: z
    .array(metricName)
    .min(1)
    .optional()
    .meta({
      description: `what answers are scored by: ${metricNames.join(', ')} (default: loss and perplexity alone; of labels ${labelMetrics.join(', ')})`,
      format: 'names',
    }),
  labels: z.array(z.string().min(1)).min(1).optional().meta({
    description: 'choose the likeliest of these completions instead of generating',
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
    description: 'write an HTML page that needs nothing but itself to this file',
    format: 'path',
  }),
  generation: generationOptionsSchema.optional().describe('how answers are generated'),
});
export type AnswersWanted = z.input<typeof answersSchema>;

export const evaluationSchema = z.strictObject({
  model: z.string().min(1).optional().meta({
    description:
      "a folder, or a model of the Hugging Face Hub (default: the first adapter's own, or without one the embedded model)",
    format: 'path',
  }),
  revision: z.string().optional().meta({
    description: "the model's branch, tag or commit on the Hub (default: main)",
    format: 'name',
  }),
  offline: z.boolean().optional().describe('use only what is on this machine'),
  dtypes: z
    .array(z.enum(modelDtypes))
    .min(1)
    .optional()
    .describe("in how many bits the model's matrices are kept; several are compared"),
  adapters: z
    .array(z.string().min(1))
    .optional()
    .describe('folders of what was learned; several are used together, in the order given'),
  task: z.int().nonnegative().optional().describe('of an adapter for several tasks, which one (default: 0)'),
  data: z.string().min(1).meta({
    description: 'test data: .jsonl, .json, .csv, .tsv, .txt (also .gz), .parquet, or hf:owner/name',
    format: 'path',
  }),
  reading: dataSchema.optional().describe('how the data is read, as in training'),
  answers: answersSchema
    .optional()
    .describe('what answers are scored by (default: loss and perplexity, or of a head loss and accuracy)'),
  batchSize: z.int().positive().default(8).describe('examples at a time; changes the speed alone'),
  device: deviceShape.device,
  threads: deviceShape.threads,
});
