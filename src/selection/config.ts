/** @file The options of a selector's training, their defaults and their limits. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { schemaProblems, unknownKey } from '../schema-problems.js';
import { selectorKinds } from './network.js';

const learningRates = { linear: 0.003, transformer: 0.001 };

/** A description ends with the default where that is not a constant. */
export const selectorSchema = z.strictObject({
  // A linear classifier of the pooled states, or a small Transformer over all tokens'.
  selector: z.enum(selectorKinds).default('linear').describe("what reads the frozen model's states"),
  // At 1 the soft targets are each candidate's share of the probability of the answer.
  temperature: z
    .number()
    .positive()
    .default(1)
    .describe('of the soft targets softmax(-loss/temperature), with losses in nats per answer'),
  inputField: z.string().min(1).optional().meta({
    description:
      "the field that is a row's input (default: input, text or prompt, whichever the first row has)",
    format: 'name',
  }),
  completionTemplate: z
    .string()
    .optional()
    .describe(
      'the answer, such as " {label}", for candidates that have none (default: the field completion or output)',
    ),
  width: z.int().positive().default(64).describe('width of the Transformer'),
  layers: z.int().positive().default(1).describe('layers of the Transformer'),
  learningRate: z
    .number()
    .positive()
    .optional()
    .describe(
      `the highest, from which it falls to 0 (default: ${learningRates.linear} for linear, ${learningRates.transformer} for transformer)`,
    ),
  weightDecay: z.number().nonnegative().default(0.1).describe("AdamW's weight decay"),
  epochs: z
    .int()
    .positive()
    .default(30)
    .describe('passes over the rows; the one that serves the validation rows best is kept'),
  batchSize: z.int().positive().default(32).describe('rows of one step'),
  seed: z.int().default(0).describe('fixes the split, the order of the rows and random starts'),
});
export type SelectorConfig = z.input<typeof selectorSchema>;
export type ResolvedSelectorConfig = z.output<typeof selectorSchema> & { learningRate: number };

/** @throws UsageError that names every option that is wrong */
export function resolveSelectorConfig(config: SelectorConfig): ResolvedSelectorConfig {
  const parsed = selectorSchema.safeParse(config);
  if (!parsed.success)
    throw new UsageError(
      schemaProblems(selectorSchema, config, (key) => unknownKey(key, Object.keys(selectorSchema.shape))),
    );
  const { learningRate = learningRates[parsed.data.selector] } = parsed.data;
  return { ...parsed.data, learningRate };
}
