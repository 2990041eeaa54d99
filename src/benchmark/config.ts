/** @file The configuration of a benchmark of prompts: keys, defaults and descriptions. */
import * as z from 'zod';
import { dataSchema } from '../text/data-config.js';
import { deviceShape, trainingSchema } from '../training/config.js';

/** Of each family of methods, the one to try first; `head` is LoRA with a head for the labels. */
const defaultMethods = ['prompt-tuning', 'prefix-tuning', 'lora', 'head'];

/** A description ends with the default unless that is a constant. */
export const settingsSchema = z.strictObject({
  verbalizer: dataSchema.shape.verbalizer.describe(
    'the words of a label, such as 1=great (default: the labels themselves)',
  ),
  template: dataSchema.shape.template,
  completionTemplate: z
    .string()
    .optional()
    .describe('what the word stands in (default: " {label}", without the space in Chinese)'),
  layoutLanguage: dataSchema.shape.layoutLanguage,
  labelField: z
    .string()
    .min(1)
    .default('label')
    .meta({ description: 'the field of the label', format: 'name' }),
  metrics: z.array(z.string()).min(1).optional().meta({
    description: 'metrics of generated texts, of which the first decides (default: accuracy of labels)',
    format: 'names',
  }),
  referenceField: z.string().min(1).optional().meta({
    description:
      'with metrics: the field of the right answer, or of a list of right answers (default: the completion)',
    format: 'name',
  }),
  maxNewTokens: z
    .int()
    .positive()
    .optional()
    .describe(
      'with metrics: maximum number of tokens of an answer (default: as many as the longest to learn from)',
    ),
  prompts: z
    .array(z.string())
    .default([])
    .describe('a template written by hand, with a row of its own in the table (default: none)'),
  shots: z
    .int()
    .nonnegative()
    .default(8)
    .describe('how many examples stand before an input, in two of the rows'),
  methods: z
    .array(z.string())
    .default(defaultMethods)
    .describe(
      `a method of training to compare, or head, a LoRA with a head (default: ${defaultMethods.join(', ')})`,
    ),
  searchSteps: z
    .int()
    .nonnegative()
    .default(100)
    .describe('steps of the search for a text (PEZ); 0: none is searched'),
  maxSteps: z.int().positive().optional().describe('steps of training (default: as in training)'),
  batchSize: trainingSchema.shape.batchSize,
  seed: z.int().nonnegative().default(42).describe('seed of examples, of the search and of training'),
  ...deviceShape,
});

/** The same with the rows, as files. */
export const benchmarkSchema = settingsSchema.extend({
  data: z.string().min(1).meta({ description: 'labeled rows to learn from', format: 'path' }),
  test: z.string().min(1).meta({ description: 'labeled rows to measure on', format: 'path' }),
});
export type BenchmarkConfig = z.input<typeof benchmarkSchema>;
