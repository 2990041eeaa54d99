/** @file Evaluates the loss of a model with an adapter, per batch or per text. */

import { withDerived } from '../attach/derived.js';
import { findsSpans } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import type { OnnxGraph } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import {
  type Device,
  float32Output,
  type NamedTensors,
  Session,
  type SessionOptions,
} from '../runtime/index.js';
import type { EncodedExample } from '../text/encode.js';
import { countCorrect } from './label-counts.js';
import { type LossGraph, labelLossesName, lossGraph, marginsName, scoresName } from './loss-graph.js';
import type { PreferenceLoss } from './preference.js';
import { type RowLengths, unknownRows } from './row-lengths.js';
import { asOneRow, groupRows } from './shared-rows.js';
import { countExactSpans } from './spans.js';

export interface ModelStepOptions {
  device?: Device;
  threads?: number;
  /** A loss over pairs of answers. Default: the cross-entropy of label tokens. */
  preference?: PreferenceLoss;
  /** Of the rows that it is for. Default: nothing is known of them. */
  rowLengths?: RowLengths;
}

/** The loss of a model with an adapter, or of the bare model; `dispose` frees its session. */
export interface LossEvaluator {
  /** How many calls gain from being under way at once. Default 1. */
  readonly atOnce?: number;
  /** Whether the label of a text's first token counts. It does not if nothing before it predicts it. */
  readonly countsFirst: boolean;
  /**
   * The loss sum, and with a head its scores [labels, classes] in the order of the labels and how many labels have the
   * highest score. A head that finds answers scores every token: [examples, length, 2]. Of pairs, `correct` is how
   * many have the chosen answer ahead.
   */
  evaluate(
    examples: readonly EncodedExample[],
  ): Promise<{ lossSum: number; scores?: Float32Array; correct?: number }>;
  /**
   * The loss sum of each of `examples`. Consecutive examples that differ only in the label of one token are computed
   * together.
   * @param batchSize rows per batch. Default: all
   */
  evaluateRows(examples: readonly EncodedExample[], batchSize?: number): Promise<number[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

type EvaluatorOptions = ModelStepOptions & { graph?: LossGraph; isFrozen?: boolean };

/** Creates the evaluator of an adapter, or of the model alone, where losses are computed elsewhere. */
export type EvaluatorSource = (adapter: Adapter | undefined) => Promise<LossEvaluator>;

/**
 * Loads the graph of the loss, without gradients.
 * @param options.graph the graph, if it exists already
 * @param options.isFrozen whether the adapter stays as it is: the session then has a copy of its tensors, and calls may
 *   overlap. Default false: each run borrows the tensors as they are then
 */
export async function createLossEvaluator(
  model: LanguageModel,
  adapter: Adapter | undefined,
  {
    device,
    threads,
    preference,
    rowLengths = unknownRows(model),
    graph: given,
    isFrozen = false,
  }: EvaluatorOptions = {},
): Promise<LossEvaluator> {
  const outputNames = ['loss', ...(adapter?.head ? [scoresName] : []), ...(preference ? [marginsName] : [])];
  const used = isFrozen ? await withDerived(adapter) : adapter;
  const graph = given ?? lossGraph(model, used, { differentiate: false, preference, rowLengths, device });
  const session = await Session.create(graph.bytes, sessionOptions(model, graph, { device, threads }));
  if (isFrozen) await session.hold(lentTensors(used, graph));
  const lent = () => (isFrozen ? {} : lentTensors(adapter, graph));
  return {
    countsFirst: graph.countsFirst,
    async evaluate(examples) {
      const outputs = await session.run(graph.feeds(examples), lent(), outputNames);
      const lossSum = float32Output(outputs, 'loss')[0]!;
      if (preference) {
        const margins = float32Output(outputs, marginsName);
        return { lossSum, correct: margins.filter((margin) => margin > 0).length };
      }
      if (!adapter?.head) return { lossSum };
      const scores = float32Output(outputs, scoresName);
      const count = findsSpans(adapter.head) ? countExactSpans : countCorrect;
      return { lossSum, scores, correct: count(examples, scores) };
    },
    async evaluateRows(examples, batchSize = examples.length) {
      const groups = findsSpans(adapter?.head) ? examples.map((example) => [example]) : groupRows(examples);
      const sums: number[] = [];
      for (let from = 0; from < groups.length; from += batchSize) {
        const batch = groups.slice(from, from + batchSize);
        const feeds = graph.feeds(batch.map(asOneRow));
        const outputs = await session.run(feeds, lent(), [labelLossesName]);
        sums.push(...sumByRow(float32Output(outputs, labelLossesName), batch.flat(), graph));
      }
      return sums;
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

/**
 * Batches have many rows per weight, so packed weights are unpacked at every use instead of being kept unpacked. What
 * is computed again must not be merged with what was computed before.
 */
export function sessionOptions(
  model: LanguageModel,
  { hasPackedWeights, usesBlockProducts, recomputes = false }: OnnxGraph & { readonly recomputes?: boolean },
  options: ModelStepOptions,
): SessionOptions {
  return {
    ...options,
    weights: model.files,
    folding: !hasPackedWeights && !recomputes,
    prepacking: usesBlockProducts,
  };
}

/** Sums the losses of labels, in the order of `lossGraph`, per example. */
function sumByRow(
  labelLosses: Float32Array,
  examples: readonly EncodedExample[],
  { countsFirst }: Pick<LossGraph, 'countsFirst'>,
): number[] {
  let at = 0;
  const sums = examples.map(({ lossMask, labels }) =>
    countsFirst && lossMask[0] && !labels ? labelLosses[at++]! : 0,
  );
  for (const [row, { lossMask, labels }] of examples.entries())
    for (let i = labels ? 0 : 1; i < lossMask.length; i++) if (lossMask[i]) sums[row]! += labelLosses[at++]!;
  return sums;
}

/** The adapter's tensors, which move to the worker and back without a copy. */
export function lentTensors(adapter: Adapter | undefined, { inputs }: OnnxGraph): NamedTensors {
  return Object.fromEntries([...(adapter?.tensors ?? [])].filter(([name]) => inputs.has(name)));
}
