/** @file A whole training run: data, a method's learner, the graph, the loop and the run folder put together. */

import type { Learner, Method } from '../attach/method.js';
import { optionError, UsageError } from '../errors.js';
import { writeAdapter } from '../formats/adapter-folder.js';
import { datasetOptions, type RunInputs } from '../loss/dataset-options.js';
import { type LossGraph, lossGraph } from '../loss/loss-graph.js';
import { createModelStep } from '../loss/model-step.js';
import { requireNoEncoder } from '../models/causal-only.js';
import { checkDevice } from '../runtime/index.js';
import { type Dataset, joinDatasets, openDataset, type TextDataset, withTask } from '../text/dataset.js';
import { packDataset } from '../text/packing.js';
import { splitDataset } from '../text/split.js';
import type { RunSummary, TrainingEvent } from '../training/events.js';
import { countSteps, type TrainResult, train } from '../training/train.js';
import { createLearner } from './create-learner.js';
import { estimateMemory } from './estimate-memory.js';
import { type ResolvedRunConfig, type RunConfig, resolveRunConfig } from './run-config.js';
import { checkRunFolder, openRunFolder } from './run-folder.js';
import { openEventFile } from './tensorboard.js';

export interface TrainAdapterOptions extends RunInputs, Omit<RunConfig, 'method'> {
  /** A method's name, several joined by "+" to train them together, or a method of your own. Default: prompt-tuning. */
  method?: string | Method;
  /** The run's folder: config.yaml, metrics.jsonl, checkpoints/ and adapter/. */
  output: string;
  /** Go on with the run in `output`. */
  resume?: boolean;
  /** Throw away the run in `output`. */
  overwrite?: boolean;
  onEvent?: (event: TrainingEvent) => void;
}

export interface TrainAdapterResult extends TrainResult {
  /** Folder of the adapter (of the whole model, after full fine-tuning). */
  readonly adapterPath: string;
}

/**
 * Learns an adapter for a model from data, and writes it to `output`/adapter. Nothing is written, and nothing of an
 * earlier run thrown away, before the data was read and the model loaded.
 * @throws UsageError for options that are wrong, FileError for files that are, PromptuneError where training diverges
 */
export async function trainAdapter(options: TrainAdapterOptions): Promise<TrainAdapterResult> {
  const { model, tokenizer, signal, onDataProgress, output, resume, overwrite, onEvent, ...rest } = options;
  const { method, methods: given = [], ...settings } = rest;
  const isOwn = typeof method === 'object';
  const methods = isOwn ? [method, ...given] : given;
  const config = resolveRunConfig({ ...settings, method: isOwn ? method.name : method }, methods);
  await checkRunFolder(output, { resume, overwrite });
  const run = await prepareRun(config, { model, tokenizer, signal, onDataProgress, methods });
  const cleanups = [run.dispose];
  try {
    const step = await createModelStep(model, run.learner, { ...config, graph: run.graph });
    cleanups.push(step.dispose);
    signal?.throwIfAborted();
    const runFolder = await openRunFolder(output, {
      config: { model: model.name, ...config, ...(model.dtype !== 'auto' && { dtype: model.dtype }) },
      resume,
      overwrite,
    });
    cleanups.push(runFolder.close);
    const eventFile = config.tensorboard ? await openEventFile(output) : undefined;
    cleanups.push(async () => eventFile?.close());
    const tell = (event: TrainingEvent) => {
      eventFile?.write(event);
      onEvent?.(event);
    };
    tell({ type: 'start', ...run.summary });
    const saveAdapter = async (folder: string) => writeAdapter(folder, await run.learner.content());
    const { learningRateFactors } = run.learner;
    const result = await train({
      ...config,
      ...run.data,
      step,
      learningRateFactors,
      runFolder,
      saveAdapter,
      signal,
      onEvent: tell,
    });
    return { ...result, adapterPath: runFolder.adapterPath };
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** A run that is about to begin. */
export interface PreparedRun {
  /** The method's tensors at their start. */
  readonly learner: Learner;
  /** Of a training step. */
  readonly graph: LossGraph;
  /** Most tokens of an example. */
  readonly maxLength: number;
  readonly data: { readonly dataset: Dataset; readonly validation: Dataset | undefined };
  readonly summary: RunSummary;
  dispose(): Promise<void>;
}

/** Makes the method's tensors, and reads and tokenizes the data. Writes nothing. Throws as `trainAdapter` does. */
export async function prepareRun(config: ResolvedRunConfig, inputs: RunInputs): Promise<PreparedRun> {
  const { model, tokenizer, signal, onDataProgress: onProgress } = inputs;
  checkDevice(config.device);
  if (config.packing) requireNoEncoder(model, 'packing texts into rows');
  const learner = await createLearner(config, inputs);
  const opened: TextDataset[] = [];
  const dispose = async () => {
    for (const dataset of opened) await dataset.dispose();
  };
  const { maxLength, ...shape } = datasetOptions(model, tokenizer, learner, config);
  const open = async (path: string) => {
    // A text that is cut into rows loses nothing.
    const longest = config.packing ? undefined : maxLength;
    const dataset = await openDataset({ data: path, ...shape, maxLength: longest, onProgress, signal });
    opened.push(dataset);
    return dataset;
  };
  const packed = (dataset: Dataset) =>
    config.packing ? packDataset(dataset, { length: maxLength, seed: config.seed }) : dataset;
  try {
    const files: TextDataset[] = [];
    for (const path of [config.data].flat()) files.push(await open(path));
    const count = (kind: 'truncated' | 'dropped') =>
      files.reduce((sum, { summary }) => sum + summary[kind], 0);
    const { tasks } = learner;
    if (tasks) checkTasks(tasks.count, files.length, config);
    const all = joinDatasets(tasks ? files.map((file, task) => withTask(file, task)) : files);
    const { validation, seed } = config;
    const parts =
      typeof validation === 'number'
        ? splitDataset(all, { validation, seed })
        : { train: all, validation: validation === undefined ? undefined : await open(validation) };
    const data = {
      dataset: packed(parts.train),
      validation: parts.validation && packed(parts.validation),
    };
    const graph = lossGraph(model, learner, { differentiate: true });
    const { shape: recognized } = files[0]!;
    const notes = [...new Set(files.flatMap((file) => file.notes))];
    const summary = {
      model: model.name,
      ...(recognized !== undefined && { recognized }),
      ...(notes.length > 0 && { notes }),
      method: config.method,
      trainableParameters: [...learner.tensors.values()].reduce((sum, tensor) => sum + tensor.data.length, 0),
      startsFrom: learner.startsFrom,
      examples: data.dataset.length,
      truncated: count('truncated'),
      dropped: count('dropped'),
      validationExamples: data.validation?.length ?? 0,
      ...countSteps(data.dataset.length, config),
      estimatedMemoryBytes: await estimateMemory(graph, learner.tensors, data.dataset, config),
    };
    return { learner, graph, maxLength, data, summary, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Each data file is the data of a task. */
function checkTasks(tasks: number, files: number, { validation }: ResolvedRunConfig): void {
  if (tasks !== files)
    throw new UsageError(
      `numTasks is ${tasks}, but there are ${files} data files; give one file a task, in their order`,
    );
  if (tasks > 1 && typeof validation === 'string')
    throw optionError(
      'validation',
      'with several tasks give a share or a number, which is drawn from all of them',
    );
}
