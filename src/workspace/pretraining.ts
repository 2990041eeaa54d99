/** @file Pretraining: usual settings for small GPT-2s, and the initial model. */
import { join } from 'node:path';
import * as z from 'zod';
import type { ResolvedRunConfig } from '../runs/run-config.js';
import { START_NAME } from '../runs/run-folder.js';
import { createUntrainedModel } from '../runs/untrained-model.js';
import { parseOptions } from '../schema-problems.js';

/** Default settings of pretraining. */
export const pretrainingDefaults = {
  method: 'full-fine-tuning',
  packing: true,
  trainOn: 'all',
  learningRate: 1e-3,
  epochs: 3,
  validation: 0,
  batchSize: 16,
  optimizer: { name: 'adamw', beta2: 0.95, weightDecay: 0.05 },
  schedule: { name: 'cosine', warmupRatio: 0.02 },
} as const;

const size = (byDefault: number, description: string) =>
  z.int().positive().default(byDefault).meta({ description });

/** Sizes of a GPT-2 that is created for a run. */
export const newModelSchema = z.strictObject({
  tokenizer: z.string().min(1).optional().meta({
    description: 'use the tokenizer.json in this folder (default: learn one from the texts)',
    format: 'path',
  }),
  vocabSize: size(8000, 'tokens of the learned tokenizer'),
  hiddenSize: size(256, 'width of the model'),
  numLayers: size(6, 'layers'),
  numAttentionHeads: size(8, 'heads per layer'),
  maxPositions: size(256, 'longest text in tokens; also the length of the rows it is trained on'),
});
export type NewModelConfig = z.input<typeof newModelSchema>;

/** The folder of the model that `makeNewModel` creates for a run in `output`. */
export const newModelFolder = (output: string): string => join(output, START_NAME);

export interface NewModelOptions {
  output: string;
  overwrite?: boolean;
  signal?: AbortSignal;
  /** Called while a tokenizer is learned. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

/**
 * Creates an untrained GPT-2 in `newModelFolder(output)`, for the texts of a run's configuration.
 * @returns a function that removes the model again, unless a run has started with it
 * @throws UsageError for invalid sizes, FileError for unusable files
 */
export async function makeNewModel(
  newModel: NewModelConfig,
  { data, encoding, columns, header, template, completionTemplate, layoutLanguage, seed }: ResolvedRunConfig,
  { output, overwrite, signal, onProgress }: NewModelOptions,
): Promise<() => Promise<void>> {
  return createUntrainedModel({
    ...parseOptions(newModelSchema, newModel),
    output,
    overwrite,
    data,
    ...{ encoding, columns, header },
    template,
    completionTemplate,
    layoutLanguage,
    seed,
    signal,
    onProgress,
  });
}
