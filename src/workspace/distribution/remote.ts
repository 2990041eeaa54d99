/** @file What computes losses, texts and gradients elsewhere, with the interfaces of what does it here. */
import type { Adapter } from '../../attach/method.js';
import { keepResult } from '../../distribution/run-works.js';
import { resultName, type Store } from '../../distribution/store.js';
import type { Engine, PortableFiles, ResultFiles, Work } from '../../distribution/work.js';
import { digestOf, workKey } from '../../distribution/work-key.js';
import { UsageError } from '../../errors.js';
import type { BatchGenerator, BatchGeneratorSource } from '../../evaluation/outputs.js';
import type { EvaluatorSource, LossEvaluator } from '../../loss/evaluator.js';
import { countLabels } from '../../loss/label-counts.js';
import { lossGraph } from '../../loss/loss-graph.js';
import type { ModelStep } from '../../loss/model-step.js';
import type { LanguageModel } from '../../models/model.js';
import type { PreparedRun } from '../../runs/prepare-run.js';
import { say } from '../../say.js';
import type { PromptLossesSource } from '../../search/prompt-step.js';
import type { Candidate } from '../../selection/candidates.js';
import { float64From, floatsToBytes, rowsToBytes, tensorsFromBytes, tensorsToBytes } from './encoded-rows.js';
import { withAdapters } from './open-pieces.js';
import type { PieceInputs, PieceKind, PieceModel } from './pieces.js';

/** Where pieces are computed, and what they are pieces of. */
export interface Pieces {
  readonly engine: Engine;
  readonly of: PieceModel;
  /** The adapters' files, for machines that do not have them. */
  readonly files?: readonly PortableFiles[];
  /** Where their results are kept, so that what was computed once is not again. Default: nowhere. */
  readonly store?: Store;
  /** Part of the keys in the store: the contents of the model and the adapters, and the class of the machine. */
  readonly identity?: { readonly machineClass: string; readonly contents: Readonly<Record<string, unknown>> };
  readonly signal?: AbortSignal;
}

/** The key of a piece: of its input, and of what that is computed with. */
export function pieceKey<Kind extends PieceKind>(
  { machineClass, contents }: NonNullable<Pieces['identity']> = { machineClass: '', contents: {} },
  kind: Kind,
  { of: _, ...settings }: PieceInputs[Kind],
): string {
  return workKey({ kind, machineClass, contents, settings });
}

/** Computes one piece, unless the store has it. */
export async function runPiece<Kind extends PieceKind>(
  { engine, files, store, identity, signal }: Omit<Pieces, 'of'>,
  kind: Kind,
  input: PieceInputs[Kind],
  blobs: readonly Uint8Array[] = [],
): Promise<ResultFiles> {
  const key = pieceKey(identity, kind, input);
  const work: Work = {
    key,
    kind,
    label: `${kind} ${key.slice(0, 8)}`,
    input,
    ...(input.of.adapters && files && { files }),
    blobs: new Map(blobs.map((bytes) => [digestOf(bytes), bytes])),
  };
  const kept = await store?.get(resultName(kind, key));
  if (kept) return kept;
  const result = await engine.run(work, { signal });
  return store ? keepResult(store, work, result) : result;
}

const file = (files: ResultFiles, name: string): Uint8Array => files.get(name)!;

/** An evaluator whose rows are computed by pieces. */
function remoteEvaluator(pieces: Pieces, { countsFirst }: Pick<LossEvaluator, 'countsFirst'>): LossEvaluator {
  const dispose = async () => {};
  return {
    atOnce: pieces.engine.atOnce,
    countsFirst,
    async evaluateRows(examples, batchSize = examples.length) {
      const rows = rowsToBytes(examples);
      const input = { of: pieces.of, rows: digestOf(rows), batchSize };
      return [...float64From(file(await runPiece(pieces, 'losses', input, [rows]), 'losses'))];
    },
    async evaluate() {
      throw new UsageError(say`scores of a head are computed in one process`, { code: 'unsupported' });
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Evaluators of an adapter, which `pieces` names, and of the model alone. */
export const evaluatorSource =
  (pieces: Pieces, model: LanguageModel): EvaluatorSource =>
  async (adapter) =>
    remoteEvaluator(await piecesFor(pieces, adapter), evaluatorGraph(pieces, model, adapter));

/** The graph as those who compute the pieces have it. */
const evaluatorGraph = ({ of }: Pieces, model: LanguageModel, adapter: Adapter | undefined) =>
  lossGraph(model, adapter, { differentiate: false, device: of.device });

const piecesFor = async (pieces: Pieces, adapter: Adapter | undefined): Promise<Pieces> =>
  adapter ? pieces : withAdapters(pieces, []);

export const batchGeneratorSource =
  (pieces: Pieces): BatchGeneratorSource =>
  async (adapter): Promise<BatchGenerator> => {
    const { of, engine, ...rest } = await piecesFor(pieces, adapter);
    return {
      atOnce: engine.atOnce,
      async generate(prompts, { signal, ...options }) {
        const input = { of, prompts, options };
        const rows = file(await runPiece({ ...rest, engine, signal }, 'answers', input), 'rows.json');
        return JSON.parse(new TextDecoder().decode(rows));
      },
      async [Symbol.asyncDispose]() {},
    };
  };

export const promptLossesSource =
  (pieces: Pieces): PromptLossesSource =>
  async ({ numTokens, startIds }) => ({
    atOnce: pieces.engine.atOnce,
    async loss(vectors, examples) {
      const [rows, bytes] = [rowsToBytes(examples), floatsToBytes(vectors)];
      const input = { of: pieces.of, numTokens, startIds, rows: digestOf(rows), vectors: [digestOf(bytes)] };
      return float64From(file(await runPiece(pieces, 'prompt-losses', input, [rows, bytes]), 'losses'))[0]!;
    },
  });

/** Sending more takes longer than computing a batch. */
const largestTensors = 16 * 2 ** 20;

/** A training step whose batches are computed by pieces; the trained tensors stay here. */
export async function remoteStep(
  pieces: Pieces,
  { config, learner, graph, rowLengths }: PreparedRun,
): Promise<ModelStep> {
  const floats = [...learner.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (4 * floats > largestTensors)
    throw new UsageError(
      say`${Math.round((4 * floats) / 1e6)} MB of trained tensors would travel with every batch, and
        at most ${largestTensors / 2 ** 20} MiB do; run several trainings at once instead`,
      { code: 'unsupported' },
    );
  const { of } = pieces;
  const settings = { ...config, threads: of.threads, device: of.device };
  // One copy for all batches of a step.
  let sent: { step: number; bytes: Uint8Array; sha256: string } | undefined;
  let step = 0;
  const tensors = () => {
    if (sent?.step !== step) {
      const bytes = tensorsToBytes([...learner.tensors].map(([name, { data }]) => [name, data] as const));
      sent = { step, bytes, sha256: digestOf(bytes) };
    }
    return sent;
  };
  const dispose = async () => {};
  const piece = (examples: Parameters<ModelStep['run']>[0], scale?: number) => {
    const rows = rowsToBytes(examples);
    const { bytes, sha256 } = tensors();
    const input = {
      of,
      ...{ config: settings, rowLengths },
      rows: digestOf(rows),
      tensors: sha256,
      scale,
    } as PieceInputs['gradients'];
    return runPiece(pieces, 'gradients', input, [rows, bytes]);
  };
  return {
    atOnce: pieces.engine.atOnce,
    trainable: learner.tensors,
    promptLabels: graph.promptLabels,
    count: (examples) => (examples[0]?.rejected ? examples.length : countLabels(examples, graph)),
    constrain() {
      learner.constrain?.();
      step++;
    },
    async run(examples, scale) {
      const files = await piece(examples, scale);
      return {
        lossSum: float64From(file(files, 'sums'))[0]!,
        gradients: tensorsFromBytes(file(files, 'gradients')),
      };
    },
    async evaluate(examples) {
      const [lossSum, correct] = float64From(file(await piece(examples), 'sums'));
      return { lossSum: lossSum!, ...(!Number.isNaN(correct) && { correct }) };
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** What `searchPrompt` takes to have its losses computed by pieces. */
export const searchByPieces = (pieces: Pieces, model: LanguageModel) => ({
  createEvaluator: evaluatorSource(pieces, model),
  createPromptLosses: promptLossesSource(pieces),
});

/** What `trainSelector` takes to have the losses of its candidates computed by pieces. */
export const selectionByPieces = (pieces: Pieces, model: LanguageModel) => ({
  createEvaluator: async ({ adapter: folder, task }: Candidate, adapter: Adapter | undefined) => {
    const own = await withAdapters(pieces, folder === undefined ? [] : [folder], task);
    return remoteEvaluator(own, evaluatorGraph(own, model, adapter));
  },
});
