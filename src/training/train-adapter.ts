/** @file A whole training run: data, a method's learner, the graph, the loop and the run folder put together. */
import { z } from 'zod';
import { type Dataset, type DatasetOptions, openDataset } from '../data/dataset.js';
import { truncations } from '../data/encode.js';
import { splitDataset } from '../data/split.js';
import type { Tokenizer } from '../data/tokenizer.js';
import { UsageError } from '../errors.js';
import type { Learner } from '../methods/method.js';
import { methodNamed } from '../methods/registry.js';
import type { CausalLM } from '../models/model.js';
import { deviceNames } from '../runtime/index.js';
import { trainingSchema } from './config.js';
import type { TrainingEvent } from './events.js';
import { createModelStep } from './model-step.js';
import { openRunFolder } from './run-folder.js';
import { type TrainResult, train } from './train.js';

/** How data becomes examples. The defaults are those of `openDataset`. */
export const dataSchema = z.strictObject({
  /** See TemplateOptions. */
  template: z.string().optional(),
  completionTemplate: z.string().optional(),
  /** Most tokens of an example. Default: the model's context less the virtual tokens. */
  maxLength: z.int().positive().optional(),
  truncation: z.enum(truncations).default('prompt'),
  trainOn: z.enum(['completion', 'all']).default('completion'),
  appendEos: z.boolean().default(true),
});

/** All that a run is asked to do, apart from the model and where its folder is. */
export const runSchema = z.strictObject({
  /** File of training data: .jsonl, .csv, .tsv or .txt. */
  data: z.string(),
  /** Validation data: a file, or a share (below 1) or number of the training examples. Default: none. */
  validation: z.union([z.string(), z.number().positive()]).optional(),
  method: z.string().default('prompt-tuning'),
  /** The method's own options. */
  methodOptions: z.record(z.string(), z.unknown()).default({}),
  ...dataSchema.shape,
  ...trainingSchema.shape,
  /** Default: what suits the method. */
  learningRate: trainingSchema.shape.learningRate.optional(),
  device: z.enum(deviceNames).default('cpu'),
  threads: z.int().positive().optional(),
});
export type RunConfig = z.input<typeof runSchema>;
export type ResolvedRunConfig = Required<Pick<z.output<typeof runSchema>, 'learningRate'>> &
  z.output<typeof runSchema>;

export interface TrainAdapterOptions extends RunConfig {
  model: CausalLM;
  tokenizer: Tokenizer;
  /** The run's folder: config.yaml, metrics.jsonl, checkpoints/ and adapter/. */
  output: string;
  /** Go on with the run in `output`. */
  resume?: boolean;
  /** Throw away the run in `output`. */
  overwrite?: boolean;
  signal?: AbortSignal;
  onEvent?: (event: TrainingEvent) => void;
  /** Called now and then while the data is tokenised. */
  onDataProgress?: (progress: { done: number; total: number }) => void;
}

export interface TrainAdapterResult extends TrainResult {
  /** Folder of the adapter (of the whole model, after full fine-tuning). */
  readonly adapterPath: string;
}

/** Checks a run's configuration and fills in the defaults. Throws a UsageError that names every key that is wrong. */
export function resolveRunConfig(config: RunConfig): ResolvedRunConfig {
  const parsed = runSchema.safeParse(config);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'configuration'}: ${message}`,
    );
    throw new UsageError(problems.join('; '));
  }
  const { defaultLearningRate } = methodNamed(parsed.data.method);
  return { ...parsed.data, learningRate: parsed.data.learningRate ?? defaultLearningRate };
}

/**
 * Learns an adapter for a model from data, and writes it to `output`/adapter.
 * @throws UsageError for options that are wrong, FileError for files that are, PromptuneError where training diverges
 */
export async function trainAdapter(options: TrainAdapterOptions): Promise<TrainAdapterResult> {
  const { model, tokenizer, output, resume, overwrite, signal, onEvent, onDataProgress, ...rest } = options;
  const config = resolveRunConfig(rest);
  const learner = await createLearner(model, tokenizer, config);
  const cleanups: (() => Promise<void>)[] = [];
  try {
    const runFolder = await openRunFolder(output, {
      config: { model: model.name, ...config },
      resume,
      overwrite,
    });
    cleanups.push(runFolder.close);
    const open = async (path: string) => {
      const dataset = await openDataset({
        path,
        ...datasetOptions(model, tokenizer, learner, config),
        onProgress: onDataProgress,
        signal,
      });
      cleanups.push(dataset.dispose);
      return dataset;
    };
    const data = await openData(config, open);
    const step = await createModelStep(model, learner, config);
    cleanups.push(step.dispose);
    const saveAdapter = (folder: string) => learner.save(folder);
    const result = await train({ ...config, ...data, step, runFolder, saveAdapter, signal, onEvent });
    return { ...result, adapterPath: runFolder.adapterPath };
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** The method's tensors at their start, as a run with this configuration begins. */
export function createLearner(
  model: CausalLM,
  tokenizer: Tokenizer,
  config: ResolvedRunConfig,
): Promise<Learner> {
  return methodNamed(config.method).createLearner({
    model,
    tokenizer,
    config: config.methodOptions,
    seed: config.seed,
  });
}

/** How texts become examples for a model with an adapter: they share its context with the virtual tokens. */
export function datasetOptions(
  model: CausalLM,
  tokenizer: Tokenizer,
  adapter: { readonly numVirtualTokens: number } | undefined,
  config: z.output<typeof dataSchema>,
): DatasetOptions {
  const room = model.config.maxPositions - (adapter?.numVirtualTokens ?? 0);
  const { maxLength = room, template, completionTemplate, truncation, trainOn, appendEos } = config;
  if (maxLength > room) {
    throw new UsageError(
      `maxLength is ${maxLength}, but the model has ${model.config.maxPositions} positions, of which ` +
        `${model.config.maxPositions - room} are virtual tokens: at most ${room} are left`,
    );
  }
  return { tokenizer, maxLength, template, completionTemplate, truncation, trainOn, appendEos };
}

async function openData(
  config: ResolvedRunConfig,
  open: (path: string) => Promise<Dataset>,
): Promise<{ dataset: Dataset; validation: Dataset | undefined }> {
  const all = await open(config.data);
  const { validation } = config;
  if (validation === undefined) return { dataset: all, validation };
  if (typeof validation === 'string') return { dataset: all, validation: await open(validation) };
  const parts = splitDataset(all, { validation, seed: config.seed });
  return { dataset: parts.train, validation: parts.validation };
}
