/**
 * @file Hidden states of the frozen layers, computed once per run. What the layers below the first trained tensor make
 *   of a text is the same in every epoch, so later epochs start from it (see loss/frozen-states.ts).
 *
 * An example's states are computed together with those of its batch in the first epoch's plan, whenever they are
 * missing. So the first epoch is not slower, and a resumed run computes the same bits.
 */
import { sha256 } from '#platform';
import type { Learner } from '../attach/method.js';
import { weightsDigest } from '../formats/digest.js';
import { sessionOptions } from '../loss/evaluator.js';
import { type DividedLoss, divideLoss, type StatesGraph, sizesOf } from '../loss/frozen-states.js';
import { type LossGraph, type LossGraphOptions, lossGraph } from '../loss/loss-graph.js';
import type { LanguageModel } from '../models/model.js';
import { type Device, Session } from '../runtime/index.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import type { TrainingConfig } from '../training/config.js';
import type { KeptStatesSummary } from '../training/events.js';
import { planTraining } from '../training/plan.js';
import type { RunData } from './reference-data.js';
import { type StatePrecision, type StateStore, statesInFolder, statesInMemory } from './state-store.js';

/** States of up to this size are kept in memory. */
const memoryLimit = 256e6;
/** Default of keptStatesLimit, in MB. */
export const defaultStatesLimit = 4096;

export interface KeptStatesOptions {
  /** The precision of kept states. Default: fp32 */
  readonly keptStates?: StatePrecision | 'none';
  /** The largest size of the states that are kept, in MB. Default: 4096 */
  readonly keptStatesLimit?: number;
}

export interface StatesRun {
  readonly model: LanguageModel;
  readonly learner: Learner;
  /** The undivided graph of loss and gradients. */
  readonly graph: LossGraph;
  readonly preference?: LossGraphOptions['preference'];
  readonly rowLengths?: LossGraphOptions['rowLengths'];
  readonly data: RunData;
  readonly config: TrainingConfig & KeptStatesOptions & { device?: Device; threads?: number };
  /** Where states that are too large for memory go. Default: they are not kept. */
  readonly folder?: string;
  /** The largest size in bytes of states in memory. Default: 256 MB */
  readonly memoryLimit?: number;
}

/** What a run computes with: graphs that start from states, and data that has them. */
export interface KeptStates {
  readonly graph: LossGraph;
  /** The graph of the validation loss, if validation starts from states. */
  readonly validationGraph?: LossGraph;
  /** The graph that computes the states of the training data, if they are kept. */
  readonly states?: StatesGraph;
  readonly data: RunData;
  readonly summary?: KeptStatesSummary;
  /** Frees its sessions. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Divides a run's graphs where there is room to keep the states. The number of steps does not decide it, since a run
 * that is resumed for more steps must go on with the same bits; but states that are read once alone are not kept.
 */
export async function keepStates(run: StatesRun): Promise<KeptStates> {
  const { model, learner, graph, preference, rowLengths, data, config } = run;
  const { keptStates: precision = 'fp32', keptStatesLimit = defaultStatesLimit } = config;
  const sessions: Disposable[] = [];
  const dispose = async () => {
    for (const session of sessions) await session.dispose();
  };
  const whole = { graph, data, dispose, [Symbol.asyncDispose]: dispose };
  if (precision === 'none') return whole;
  const { totalSteps, stepsPerEpoch, evalEvery } = planTraining(config, {
    examples: data.dataset.length,
    hasValidation: data.validation !== undefined,
  });
  const { batchSize, seed } = config;
  const all = 1e6 * keptStatesLimit;
  const room = { all, inMemory: Math.min(all, run.memoryLimit ?? memoryLimit) };

  /** `dataset` with states for `graph`, if they are kept. */
  async function divided(dataset: Dataset, whole: LossGraph, batchSeed: number, isRepeated: boolean) {
    const batches = planEpoch({ ...dataset, batchSize, seed: batchSeed, epoch: 0 });
    const parts = await divide(whole, dataset, batches[0] ?? [], model);
    if (!parts) return undefined;
    const bytes = (precision === 'fp16' ? 2 : 4) * parts.states.count(sizeOf(dataset));
    const inMemory = bytes <= room.inMemory;
    if (!inMemory && (run.folder === undefined || bytes > room.all)) return undefined;
    if (inMemory) room.inMemory -= bytes;
    room.all -= bytes;
    const own = precision as StatePrecision;
    const store =
      inMemory || !isRepeated
        ? statesInMemory(own, { once: !isRepeated })
        : statesInFolder(run.folder!, own, await keysOf(batches, dataset, model, parts.states));
    const computed = withStates(dataset, { batches, model, config, store, states: parts.states });
    sessions.push(computed);
    return { dataset: computed.dataset, parts, bytes, inMemory, isRepeated };
  }

  const training = await divided(data.dataset, graph, seed, totalSteps > stepsPerEpoch);
  const validation =
    training &&
    data.validation &&
    (await divided(
      data.validation,
      lossGraph(model, learner, { differentiate: false, preference, rowLengths, device: config.device }),
      0,
      totalSteps > evalEvery,
    ));
  if (!training) return whole;
  const kept = [training, ...(validation ? [validation] : [])].filter(({ isRepeated }) => isRepeated);
  return {
    graph: training.parts.loss,
    validationGraph: validation?.parts.loss,
    states: training.parts.states,
    data: { dataset: training.dataset, validation: validation?.dataset ?? data.validation },
    ...(kept.length > 0 && {
      summary: {
        bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
        place: kept.every(({ inMemory }) => inMemory) ? 'memory' : 'folder',
        share: training.isRepeated ? training.parts.share : 0,
      },
    }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

interface Disposable {
  dispose(): Promise<void>;
}

async function divide(
  graph: LossGraph,
  dataset: Dataset,
  batch: readonly number[],
  { config: { hiddenSize } }: LanguageModel,
): Promise<DividedLoss | undefined> {
  const examples = await Promise.all(batch.map((index) => dataset.get(index)));
  return divideLoss(graph, { hiddenSize, sizes: sizesOf(graph, graph.feeds(examples)) });
}

function sizeOf({ length, tokenCounts, labelCounts }: Dataset) {
  const sum = (counts: Int32Array) => counts.reduce((total, count) => total + count, 0);
  return { rows: length, tokens: sum(tokenCounts), labels: sum(labelCounts) };
}

interface Computing {
  /** The batches in which states are computed. */
  readonly batches: readonly (readonly number[])[];
  readonly model: LanguageModel;
  readonly config: { device?: Device; threads?: number };
  readonly states: StatesGraph;
  readonly store: StateStore;
}

/** A view of `dataset` whose examples have states. */
function withStates(
  dataset: Dataset,
  { batches, model, config, states, store }: Computing,
): Disposable & { dataset: Dataset } {
  const places = new Map(
    batches.flatMap((batch, i) => batch.map((index, row) => [index, [i, row] as const])),
  );
  const running = new Map<number, Promise<void>>();
  let session: Promise<Session> | undefined;
  let left = batches.length;
  const { device, threads } = config;
  const dispose = async () => (await session)?.dispose();

  async function compute(batch: number): Promise<void> {
    session ??= Session.create(states.bytes, sessionOptions(model, states, { device, threads }));
    const examples = await Promise.all(batches[batch]!.map((index) => dataset.get(index)));
    const outputs = await (await session).run(states.feeds(examples));
    await store.put(batch, states.statesIn(outputs, examples));
    left--;
    if (left === 0) await dispose(); // what ONNX Runtime holds for it is not needed again
  }

  async function statesOf(index: number) {
    const [batch, row] = places.get(index)!;
    const kept = await store.get(batch, row);
    if (kept) return kept;
    if (!running.has(batch))
      running.set(
        batch,
        compute(batch).finally(() => running.delete(batch)),
      );
    await running.get(batch);
    return (await store.get(batch, row))!;
  }

  return {
    dataset: {
      ...dataset,
      async get(index): Promise<EncodedExample> {
        const example = await dataset.get(index);
        return states.withStates(example, await statesOf(index));
      },
      async dispose() {},
    },
    dispose,
  };
}

/** Changes with which tokens of an example have states. */
const statesVersion = 2;

/** The names of the files with the states of batches: hashes of the model, the graph, and the batch's examples. */
async function keysOf(
  batches: Computing['batches'],
  dataset: Dataset,
  { source }: LanguageModel,
  { bytes }: StatesGraph,
): Promise<(batch: number) => Promise<string>> {
  const ofModel = sha256()
    .update(await weightsDigest(source))
    .update(bytes)
    .update(`version ${statesVersion}`)
    .hex();
  const keys = new Map<number, Promise<string>>();
  const keyOf = async (batch: number) => {
    const hash = sha256().update(ofModel);
    for (const index of batches[batch]!) addExample(hash, await dataset.get(index));
    return hash.hex().slice(0, 24);
  };
  return (batch) => {
    const key = keys.get(batch) ?? keyOf(batch);
    keys.set(batch, key);
    return key;
  };
}

function addExample(hash: ReturnType<typeof sha256>, example: EncodedExample): void {
  const { inputIds, lossMask, labels = new Int32Array(), taskId = 0, rejected } = example;
  hash.update(`example ${inputIds.length} ${labels.length} ${taskId} `).update(bytesOf(inputIds));
  hash.update(lossMask).update(bytesOf(labels));
  if (rejected) addExample(hash, rejected);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
