/** @file A whole training run: what `prepareRun` makes of the options, the loop and the run's folder put together. */
import { type SavedAdapter, savable } from '../adapters/saved-adapter.js';
import type { Method } from '../attach/method.js';
import { withUsage } from '../attach/with-usage.js';
import { optionError } from '../errors.js';
import { withNotes } from '../formats/adapter-content.js';
import type { RunInputs } from '../loss/dataset-options.js';
import { unfamiliarTexts } from '../loss/familiar-texts.js';
import { createModelStep, type ModelStep } from '../loss/model-step.js';
import type { MethodName, MethodOptions } from '../methods/registry.js';
import { say } from '../say.js';
import { joinDatasets } from '../text/dataset.js';
import type { TrainingEvent } from '../training/events.js';
import { memoryStore } from '../training/run-store.js';
import { type Observer, type TrainResult, train } from '../training/train.js';
import { type Progress, runNotes, usageOf } from './adapter-notes.js';
import { labelAccuracy } from './label-accuracy.js';
import { notedConfig } from './noted-config.js';
import { type PreparedRun, prepareRun } from './prepare-run.js';
import { createTracer } from './prompt-trace.js';
import { withReference } from './reference-data.js';
import { type defaultMethod, preferenceOf, type RunOptions, resolveRunConfig } from './run-config.js';
import { checkRunFolder, openRunFolder } from './run-folder.js';
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
  /** Called with what happens in the run: its start, steps, validations, checkpoints and warnings. */
  onEvent?: (event: TrainingEvent) => void;
  /**
   * After the last step, an event with the accuracy of the validation rows, with what was learned and without, if
   * their completions are labels. Default false.
   */
  scoreLabels?: boolean;
  /** Called while `scoreLabels` goes on, which a signal ends without the event. */
  onScoringProgress?: (progress: { done: number; total: number }) => void;
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
  const {
    resume,
    overwrite,
    allowChangedInputs,
    scoreLabels,
    onScoringProgress,
    createStep,
    ...configuration
  } = rest;
  const { method, methods: own = [], ...settings } = configuration;
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
    await step.dispose(); // before another session needs the memory
    const scoring = { model, tokenizer, signal, onProgress: onScoringProgress };
    const labels =
      scoreLabels && !result.stopped
        ? await labelAccuracy(run, scoring).catch((error) => {
            // The run is done, and its result stays.
            if (!signal?.aborted)
              tell({
                type: 'warning',
                message: say`the labels of validation rows are not scored: ${error.message}`,
              });
          })
        : undefined;
    if (labels) tell({ type: 'labels', ...labels });
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

/** The function with its result kept. */
function once<Result>(compute: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}
