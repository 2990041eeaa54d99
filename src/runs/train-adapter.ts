/** @file A whole training run: data, a method's learner, the graph, the loop and the run folder put together. */

import { join } from '#platform';
import { type SavedAdapter, savable } from '../adapters/saved-adapter.js';
import { defaultRate, type Learner, type Method } from '../attach/method.js';
import { withUsage } from '../attach/with-usage.js';
import { optionError, UsageError } from '../errors.js';
import { withNotes } from '../formats/adapter-content.js';
import { weightBytes } from '../loading/precision.js';
import { datasetOptions, type RunInputs } from '../loss/dataset-options.js';
import { unfamiliarTexts } from '../loss/familiar-texts.js';
import { type LossGraph, lossGraph } from '../loss/loss-graph.js';
import { createModelStep, type ModelStep } from '../loss/model-step.js';
import { type RowLengths, rowLengthsOf } from '../loss/row-lengths.js';
import { type MethodName, type MethodOptions, methodNamed } from '../methods/registry.js';
import { requireCausal, requireNoEncoder } from '../models/causal-only.js';
import { type StoredRows, storedSources } from '../records/data.js';
import { checkDevice } from '../runtime/index.js';
import { say } from '../say.js';
import { type Dataset, joinDatasets, openDataset, type TextDataset, withTask } from '../text/dataset.js';
import { languageOf } from '../text/layout-words.js';
import { packDataset } from '../text/packing.js';
import { openPairs } from '../text/pairs.js';
import { splitDataset } from '../text/split.js';
import { textWarnings } from '../text/text-warnings.js';
import { longWordWarnings, verbalizerOf } from '../text/verbalizer.js';
import type { RunSummary, TrainingEvent } from '../training/events.js';
import { automaticValidation, planTraining, planWarnings, settledBy } from '../training/plan.js';
import { memoryStore } from '../training/run-store.js';
import { type Observer, type TrainResult, train } from '../training/train.js';
import { type Progress, runNotes, usageOf } from './adapter-notes.js';
import { createLearner } from './create-learner.js';
import { estimateMemory } from './estimate-memory.js';
import { keepStates } from './kept-states.js';
import { notedConfig, type StoredConfig } from './noted-config.js';
import { createTracer } from './prompt-trace.js';
import { type RunData, withReference } from './reference-data.js';
import {
  type defaultMethod,
  preferenceOf,
  type ResolvedRunConfig,
  type RunOptions,
  resolveRunConfig,
} from './run-config.js';
import { checkRunFolder, openRunFolder, statesName } from './run-folder.js';
import { digestInputs, fileDigests } from './run-inputs.js';
import { createSampler } from './samples.js';
import { settledSettings, withSettled } from './stored-settings.js';
import { openEventFile } from './tensorboard.js';

/**
 * What to learn, with the options of that method: a method's name (default: prompt-tuning), several joined by "+" to
 * train them together, or a method of your own.
 */
export type MethodChoice =
  | { method?: undefined; methodOptions?: MethodOptions<typeof defaultMethod> }
  | { [Name in MethodName]: ChosenMethod<Name, MethodOptions<Name>> }[MethodName]
  | ChosenMethod<`${MethodName}+${string}`, Record<string, unknown>>
  | ChosenMethod<Method, Record<string, unknown>>;

interface ChosenMethod<Name, Options> {
  /** What to train: a method by name, several joined by "+", or one of your own. Default: prompt-tuning. */
  method: Name;
  /** Options of the method; with several methods, options for all that have them, or for one under its name. */
  methodOptions?: Options;
}

export type TrainAdapterOptions = TrainingOptions & MethodChoice;

export interface TrainingOptions extends RunInputs, Omit<RunOptions, 'method' | 'methodOptions'> {
  /**
   * The run's folder: config.yaml, metrics.jsonl, checkpoints/ and adapter/. Default: the run is in memory only and
   * cannot be resumed.
   */
  output?: string;
  /** Resume the run in `output`. */
  resume?: boolean;
  /** Delete the run in `output` first. */
  overwrite?: boolean;
  /** Go on with data, weights or a tokenizer that changed since the run began. Default: that is an error. */
  allowChangedInputs?: boolean;
  onEvent?: (event: TrainingEvent) => void;
  /** Where losses and gradients of batches are computed. Default: here. */
  createStep?: (run: PreparedRun) => Promise<ModelStep>;
}

export interface TrainAdapterResult extends TrainResult {
  /**
   * The trained adapter: that of the best validation or, without validation data, of the end, as in the run's folder.
   * After full fine-tuning it has all weights of the model, and its files are a whole model.
   */
  readonly adapter: SavedAdapter;
}

/** The result of a run with a folder. */
export interface WrittenRun extends TrainAdapterResult {
  /** Folder of the adapter (of the whole model, after full fine-tuning). */
  readonly adapterPath: string;
}

/**
 * Trains an adapter for a model on data and, with `output`, writes it to `output`/adapter. Nothing is written, and no
 * earlier run deleted, before the data is read and the model loaded.
 * @throws UsageError for invalid options, FileError for invalid files, PromptuneError if training diverges
 */
export async function trainAdapter(options: TrainAdapterOptions & { output: string }): Promise<WrittenRun>;
export async function trainAdapter(options: TrainAdapterOptions): Promise<TrainAdapterResult>;
export async function trainAdapter(
  options: TrainAdapterOptions,
): Promise<TrainAdapterResult & { adapterPath?: string }> {
  return trainFromConfig(options);
}

/** What is only known when it runs: a configuration from a file or a request. */
export interface ConfigTrainingOptions extends TrainingOptions {
  method?: string | Method;
  methodOptions?: Readonly<Record<string, unknown>>;
}

/** `trainAdapter` for a configuration whose method and options are known at run time alone. Throws the same. */
export async function trainFromConfig(
  options: ConfigTrainingOptions & { output: string },
): Promise<WrittenRun>;
export async function trainFromConfig(options: ConfigTrainingOptions): Promise<TrainAdapterResult>;
export async function trainFromConfig(
  options: ConfigTrainingOptions,
): Promise<TrainAdapterResult & { adapterPath?: string }> {
  const { model, tokenizer, signal, onDataProgress, output, onEvent, ...rest } = options;
  const { resume, overwrite, allowChangedInputs, createStep, method, methods: own = [], ...settings } = rest;
  const isOwn = typeof method === 'object';
  const methods = isOwn ? [method, ...own] : own;
  const before = resume && output !== undefined ? await settledSettings(output) : {};
  const given = withSettled({ ...settings, method: isOwn ? method.name : method }, before);
  const resolved = resolveRunConfig(given as RunOptions, methods);
  // States that are kept here are of no use to those who compute elsewhere, and larger than the rows.
  const config = createStep ? { ...resolved, keptStates: 'none' as const } : resolved;
  if (output !== undefined) await checkRunFolder(output, { resume, overwrite });
  else {
    const { tensorboard, traceEvery } = config;
    const traces = traceEvery !== undefined;
    refuseFolderOptions({ resume, overwrite, allowChangedInputs, tensorboard, traceEvery: traces });
  }
  const run = await prepareRun(config, { model, tokenizer, signal, onDataProgress, methods, output });
  const { learner, graph, validationGraph, rowLengths } = run;
  const cleanups = [run.dispose];
  try {
    const preference = preferenceOf(config);
    const step = await (createStep?.(run) ??
      createModelStep(model, learner, { ...config, ...{ graph, validationGraph, rowLengths, preference } }));
    cleanups.push(step.dispose);
    signal?.throwIfAborted();
    const digests = once(() => fileDigests(run.config.data, signal));
    const notes = runNotes({ model, ...run }, digests);
    const contentAt = async (progress: Progress) => withNotes(await learner.content(), await notes(progress));
    const noted = output !== undefined && {
      config: await notedConfig(model, run.config),
      inputs: await digestInputs({ model, tokenizer, signal }, run.config, await digests()),
    };
    const folder = noted
      ? await openRunFolder(output, { ...noted, resume, overwrite, allowChangedInputs })
      : undefined;
    const store = folder ?? memoryStore();
    cleanups.push(store.close);
    const eventFile = output !== undefined && config.tensorboard ? await openEventFile(output) : undefined;
    cleanups.push(async () => eventFile?.close());
    const tell = (event: TrainingEvent) => {
      eventFile?.write(event);
      onEvent?.(event);
    };
    tell({ type: 'start', ...run.summary });
    const { batchSize, device, threads } = config;
    if (onEvent && !resume)
      for (const message of await unfamiliarTexts(joinDatasets(run.read), {
        ...{ model, tokenizer, device, threads, signal },
      }))
        tell({ type: 'warning', message });
    const options = { batchSize, device, threads, signal, onProgress: onDataProgress };
    const kept =
      folder && noted ? { folder: folder.path, origin: { ...noted, maxLength: run.maxLength } } : undefined;
    const data =
      preference?.name === 'dpo' ? await withReference(model, run.data, { ...options, kept }) : run.data;
    const { learningRateFactors } = learner;
    const { samplePrompts: prompts, sampleEvery, traceEvery } = config;
    const observers: Observer[] = [];
    if (prompts)
      observers.push(
        createSampler({
          ...{ model, tokenizer, learner, usage: usageOf(run), prompts, every: sampleEvery },
          ...{ folder: folder?.path, device, threads, signal, onEvent: tell },
        }),
      );
    if (folder && traceEvery !== undefined)
      observers.push(createTracer({ folder: folder.path, model, learner, every: traceEvery }));
    const result = await train({
      ...run.config,
      ...data,
      step,
      learningRateFactors,
      store,
      observers,
      saveAdapter: folder && (async (progress) => folder.saveAdapter(await contentAt(progress))),
      signal,
      onEvent: tell,
    });
    if (folder && !result.stopped) await folder.removeStates();
    const adapter = savable({ ...withUsage(learner, usageOf(run)), content: () => contentAt(result) });
    return { ...result, adapter, ...(folder && { adapterPath: folder.adapterPath }) };
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** Refuses options about a run's folder without `output`. */
function refuseFolderOptions(options: Readonly<Record<string, boolean | undefined>>): void {
  const [given] = Object.entries(options).find(([, isSet]) => isSet) ?? [];
  if (given !== undefined) throw optionError(given, say`requires output, the run's folder`);
}

/** A run that is ready to start. */
export interface PreparedRun {
  /** The configuration, with streams replaced by their rows, and with what follows from the data. */
  readonly config: StoredConfig;
  /** The method's tensors at their initial values. */
  readonly learner: Learner;
  /** The graph of a training step, above the states that its data may have (see kept-states.ts). */
  readonly graph: LossGraph;
  /** The graph of the validation loss, if that starts from states. */
  readonly validationGraph: LossGraph | undefined;
  /** Maximum number of tokens per example. */
  readonly maxLength: number;
  readonly rowLengths: RowLengths;
  /** The training data as it was read, one per source. */
  readonly read: readonly TextDataset[];
  readonly data: RunData;
  readonly summary: RunSummary;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates the method's tensors, and reads and tokenizes the data. Writes nothing. Throws like `trainAdapter`.
 * @param inputs.output the run's folder, if it has one
 */
export async function prepareRun(
  options: ResolvedRunConfig,
  inputs: RunInputs & { output?: string },
): Promise<PreparedRun> {
  const { model, tokenizer, signal, onDataProgress: onProgress, output } = inputs;
  checkDevice(options.device);
  const { validation } = options;
  const { learningRate = defaultRate(methodNamed(options.method, inputs.methods), model) } = options;
  const config: StoredConfig = {
    ...options,
    learningRate,
    data: await storedSources(options.data, signal),
    validation:
      validation === undefined || typeof validation === 'number'
        ? validation
        : await storedSources(validation, signal),
  };
  if (config.samplePrompts) requireCausal(model);
  if (config.packing) requireNoEncoder(model, say`packing texts into rows`);
  const learner = await createLearner(config, inputs);
  let { layoutLanguage } = config;
  const opened: { dispose(): Promise<void> }[] = [];
  const dispose = async () => {
    for (const part of opened) await part.dispose();
  };
  const preference = preferenceOf(config);
  const openRows = preference ? openPairs : openDataset;
  const { maxLength, ...shape } = datasetOptions(model, tokenizer, learner, config);
  const open = async (sources: readonly StoredRows[]) => {
    // Packing splits long texts into rows, so nothing is truncated.
    const longest = config.packing ? undefined : maxLength;
    const parts: TextDataset[] = [];
    for (const data of sources) {
      const dataset = await openRows({
        data,
        ...shape,
        layoutLanguage,
        maxLength: longest,
        onProgress,
        signal,
      });
      layoutLanguage ??= dataset.layoutLanguage; // one for all data of the run
      opened.push(dataset);
      parts.push(dataset);
    }
    return parts;
  };
  const packed = (dataset: Dataset) =>
    config.packing ? packDataset(dataset, { length: maxLength, seed: config.seed }) : dataset;
  try {
    const read = await open(config.data);
    const count = (kind: 'truncated' | 'dropped') =>
      read.reduce((sum, { summary }) => sum + summary[kind], 0);
    const { tasks } = learner;
    if (tasks) checkTasks(tasks.count, config);
    const all = joinDatasets(tasks ? read.map(withTask) : read);
    const held = config.validation ?? automaticValidation(all.length);
    const parts =
      typeof held === 'object'
        ? { train: all, validation: joinDatasets(await open(held)) }
        : held > 0
          ? splitDataset(all, { validation: held, seed: config.seed })
          : { train: all, validation: undefined };
    const data = {
      dataset: packed(parts.train),
      validation: parts.validation && packed(parts.validation),
    };
    if (config.earlyStoppingPatience && !data.validation)
      throw optionError('earlyStoppingPatience', say`requires validation data`);
    const plan = planTraining(config, {
      examples: data.dataset.length,
      hasValidation: data.validation !== undefined,
    });
    const { stepsPerEpoch, totalSteps } = plan;
    const words = config.verbalizer && verbalizerOf(config.verbalizer, config.labelField);
    if (words && learner.head) layoutLanguage ??= languageOf(words.words);
    else layoutLanguage = read.find((dataset) => dataset.layoutLanguage !== undefined)?.layoutLanguage;
    const warnings = [
      ...planWarnings({ totalSteps }),
      ...(words ? longWordWarnings(words, tokenizer, { ...config, layoutLanguage }) : []),
      ...(await textWarnings(all, tokenizer)),
    ];
    const rowLengths = rowLengthsOf(data.dataset, data.validation, {
      ...config,
      hasEncoder: model.encoder !== undefined,
    });
    const whole = lossGraph(model, learner, {
      differentiate: true,
      preference,
      rowLengths,
      recomputes: config.lowMemory,
      device: config.device,
    });
    const kept = await keepStates({
      model,
      learner,
      graph: whole,
      ...{ preference, rowLengths, data },
      config: { ...config, ...settledBy(plan) },
      folder: output === undefined ? undefined : join(output, statesName),
    });
    opened.push(kept);
    const { graph, validationGraph, states, summary: keptStates } = kept;
    const { shape: recognized } = read[0]!;
    const notes = [...new Set(read.flatMap(({ notes }) => notes))];
    const summary = {
      model: model.name,
      ...(recognized !== undefined && { recognized }),
      ...(notes.length > 0 && { notes }),
      method: config.method,
      trainableParameters: [...learner.tensors.values()].reduce((sum, tensor) => sum + tensor.data.length, 0),
      initialization: learner.initialization,
      examples: data.dataset.length,
      truncated: count('truncated'),
      dropped: count('dropped'),
      validationExamples: data.validation?.length ?? 0,
      ...{ stepsPerEpoch, totalSteps },
      ...(warnings.length > 0 && { warnings }),
      weightBytes: weightBytes(model),
      estimatedMemoryBytes:
        (keptStates?.place === 'memory' ? keptStates.bytes : 0) +
        (await estimateMemory(
          whole,
          learner.tensors,
          data.dataset,
          config,
          states ? [states, graph] : [whole],
        )),
      ...(keptStates && { keptStates }),
    };
    return {
      config: { ...config, ...settledBy(plan), validation: held, layoutLanguage },
      ...{ learner, graph, validationGraph, maxLength, rowLengths, read, data: kept.data, summary, dispose },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Checks that there is one source of data per task. */
function checkTasks(tasks: number, { data, validation }: StoredConfig): void {
  if (tasks !== data.length)
    throw new UsageError(
      say`numTasks is ${tasks}, but there are ${data.length} sources of data; expected one file or
        list of rows per task, in order`,
    );
  if (tasks > 1 && typeof validation === 'object')
    throw optionError(
      'validation',
      say`with several tasks, expected a fraction or number of examples, drawn from all of them`,
    );
}

/** The function with its result kept. */
function once<Result>(compute: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}
