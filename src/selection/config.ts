/** @file The options of a selector's training, their defaults and their limits. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { selectorKinds } from './network.js';

export const selectorSchema = z.strictObject({
  /** What reads the frozen model's states: a linear classifier of the pooled ones, or a small Transformer over all tokens'. */
  selector: z.enum(selectorKinds).default('linear'),
  /** τ of the soft targets softmax(-loss/τ), with losses in nats an answer. At 1 they are each candidate's share of the probability of the answer. */
  temperature: z.number().positive().default(1),
  /** The field that is a row's input. Default: input, text or prompt, whichever the first row has. */
  inputField: z.string().min(1).optional(),
  /** What the model should answer, for candidates that do not say it themselves. Default: the field completion or output. */
  completionTemplate: z.string().optional(),
  /** Width and layers of the Transformer. */
  width: z.int().positive().default(64),
  layers: z.int().positive().default(1),
  /** Default: 0.003 for linear, 0.001 for the Transformer. */
  learningRate: z.number().positive().optional(),
  weightDecay: z.number().nonnegative().default(0.1),
  /** Passes over the rows. The one after which the validation rows are served best is kept. */
  epochs: z.int().positive().default(30),
  /** Rows of one step. */
  batchSize: z.int().positive().default(32),
  seed: z.int().default(0),
});
export type SelectorConfig = z.input<typeof selectorSchema>;
export type ResolvedSelectorConfig = z.output<typeof selectorSchema> & { learningRate: number };

/** @throws UsageError that names the option that is wrong */
export function resolveSelectorConfig(config: SelectorConfig): ResolvedSelectorConfig {
  const parsed = selectorSchema.safeParse(config);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new UsageError(`${path.join('.') || 'options'}: ${message}`);
  }
  const byDefault = parsed.data.selector === 'linear' ? 0.003 : 0.001;
  return { ...parsed.data, learningRate: parsed.data.learningRate ?? byDefault };
}
