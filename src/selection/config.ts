/** @file The options of a selector's training, their defaults and their limits. */
import * as z from 'zod';
import { parseOptions } from '../schema-problems.js';
import { fileShape } from '../text/data-config.js';
import { selectorKinds } from './network.js';

const learningRates = { linear: 0.003, transformer: 0.001 };

/** A description ends with the default if that is not a constant. */
export const selectorSchema = z.strictObject({
  // A linear classifier of the pooled states, or a small Transformer over all tokens'.
  selector: z
    .enum(selectorKinds)
    .default('linear')
    .describe("network that reads the frozen model's hidden states"),
  // At 1, the soft targets are the candidates' relative probabilities of the answer.
  temperature: z
    .number()
    .positive()
    .default(1)
    .describe('of the soft targets softmax(-loss/temperature), with losses in nats per answer'),
  ...fileShape,
  inputField: z.string().min(1).optional().meta({
    description: 'field of the input (default: input, text or prompt, whichever the first row has)',
    format: 'name',
  }),
  completionTemplate: z
    .string()
    .optional()
    .describe(
      'the answer, such as " {label}", for candidates without their own (default: the field completion or output)',
    ),
  width: z.int().positive().default(64).describe('width of the Transformer'),
  layers: z.int().positive().default(1).describe('layers of the Transformer'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe(
      `initial learning rate, which decays to 0 (default: ${learningRates.linear} for linear, ${learningRates.transformer} for transformer)`,
    ),
  weightDecay: z.number().nonnegative().default(0.1).describe("AdamW's weight decay"),
  epochs: z
    .int()
    .positive()
    .default(30)
    .describe('passes over the rows; the best epoch on the validation rows is kept'),
  batchSize: z.int().positive().default(32).describe('rows per step'),
  seed: z.int().default(0).describe('seed of the split, the order of rows and initial values'),
});
export type SelectorConfig = z.input<typeof selectorSchema>;
export type ResolvedSelectorConfig = z.output<typeof selectorSchema> & { learningRate: number };

/** @throws UsageError that names every invalid option */
export function resolveSelectorConfig(config: SelectorConfig): ResolvedSelectorConfig {
  const parsed = parseOptions(selectorSchema, config);
  return { ...parsed, learningRate: parsed.learningRate ?? learningRates[parsed.selector] };
}

/** What a selector learns from, and where it goes. */
export const selectionFilesSchema = z.strictObject({
  candidates: z.string().min(1).meta({
    description: 'the prompts to choose from: a list in YAML or JSON (see docs/selection.md)',
    format: 'path',
  }),
  data: z.string().min(1).meta({
    description: 'rows with an input and the expected answer: .jsonl, .json, .csv, .tsv',
    format: 'path',
  }),
  validation: z
    .union([z.string(), z.number().positive()])
    .default(0.2)
    .describe('rows that decide which epoch is kept: a file, or a share (below 1) or number of the rows'),
  output: z.string().min(1).meta({
    description: "the selector's folder; losses that it holds already are not computed again",
    format: 'path',
  }),
  overwrite: z.boolean().optional().describe('replace the selector that is there'),
});
export type SelectionFiles = z.input<typeof selectionFilesSchema>;
