/** @file A training run before its first step: its data read, its method's learner, and its graphs. */
import { join } from '#platform';
import { defaultRate, type Learner } from '../attach/method.js';
import { optionError, UsageError } from '../errors.js';
import { weightBytes } from '../loading/precision.js';
import { datasetOptions, type RunInputs } from '../loss/dataset-options.js';
import { type LossGraph, lossGraph, sharesBeginnings } from '../loss/loss-graph.js';
import { type RowLengths, rowLengthsOf } from '../loss/row-lengths.js';
import { methodNamed } from '../methods/registry.js';
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
import { longWordWarnings, type Verbalizer, verbalizerOf } from '../text/verbalizer.js';
import type { RunSummary } from '../training/events.js';
import { automaticValidation, planTraining, planWarnings, settledBy } from '../training/plan.js';
import { createLearner } from './create-learner.js';
import { estimateMemory } from './estimate-memory.js';
import { keepStates } from './kept-states.js';
import type { StoredConfig } from './noted-config.js';
import type { RunData } from './reference-data.js';
import { preferenceOf, type ResolvedRunConfig } from './run-config.js';
import { statesName } from './run-folder.js';

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
  /** The same without the states that they start from. */
  readonly plainData: RunData;
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
  const { model, tokenizer, signal, output } = inputs;
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
  const preference = preferenceOf(config);
  const words = config.verbalizer && verbalizerOf(config.verbalizer, config.labelField);
  const opened: Opened[] = [];
  const dispose = async () => {
    for (const part of opened) await part.dispose();
  };
  try {
    const { read, all, held, data, maxLength, layoutLanguage } = await readData(config, inputs, {
      ...{ learner, words, opened },
    });
    const plan = planTraining(config, {
      examples: data.dataset.length,
      hasValidation: data.validation !== undefined,
    });
    const { stepsPerEpoch, totalSteps } = plan;
    const warnings = [
      ...planWarnings({ totalSteps }),
      ...(words ? longWordWarnings(words, tokenizer, { ...config, layoutLanguage }) : []),
      ...(await textWarnings(all, tokenizer)),
    ];
    const ofRows = await rowLengthsOf(data.dataset, data.validation, {
      ...config,
      hasEncoder: model.encoder !== undefined,
    });
    const { device } = config;
    const graphFor = (rowLengths: RowLengths) =>
      lossGraph(model, learner, {
        differentiate: true,
        ...{ preference, rowLengths, device },
        recomputes: config.lowMemory,
      });
    const ofRowsApart = { ...ofRows, repetition: 0 }; // the states that a run keeps are of each row alone
    const apart = graphFor(ofRowsApart);
    const kept = await keepStates({
      model,
      learner,
      graph: apart,
      ...{ preference, rowLengths: ofRowsApart, data },
      config: { ...config, ...settledBy(plan) },
      folder: output === undefined ? undefined : join(output, statesName),
    });
    opened.push(kept);
    const { validationGraph, states, summary: keptStates } = kept;
    const shares = !states && sharesBeginnings(model, learner, { rowLengths: ofRows, device });
    const [rowLengths, whole] = shares ? [ofRows, graphFor(ofRows)] : [ofRowsApart, apart];
    const graph = states ? kept.graph : whole;
    const count = (kind: 'truncated' | 'dropped') =>
      read.reduce((sum, { summary }) => sum + summary[kind], 0);
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
      plainData: data,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

interface Opened {
  dispose(): Promise<void>;
}

/** The data of a run, read and tokenized. */
interface ReadData extends Pick<PreparedRun, 'read' | 'maxLength'> {
  /** All of `read`. */
  readonly all: Dataset;
  /** What of it is held out for validation, or the data for that. */
  readonly held: NonNullable<StoredConfig['validation']>;
  /** Rows to learn from and for validation, packed if the run packs texts. */
  readonly data: { readonly dataset: Dataset; readonly validation: Dataset | undefined };
  readonly layoutLanguage: StoredConfig['layoutLanguage'];
}

/** @param parts.opened takes what is to be disposed of, also before an error */
async function readData(
  config: StoredConfig,
  { model, tokenizer, signal, onDataProgress: onProgress }: RunInputs,
  { learner, words, opened }: { learner: Learner; words: Verbalizer | undefined; opened: Opened[] },
): Promise<ReadData> {
  let { layoutLanguage } = config;
  const openRows = preferenceOf(config) ? openPairs : openDataset;
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
  const read = await open(config.data);
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
  if (words && learner.head) layoutLanguage ??= languageOf(words.words);
  else layoutLanguage = read.find((dataset) => dataset.layoutLanguage !== undefined)?.layoutLanguage;
  return { read, all, held, data, maxLength, layoutLanguage };
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
