/** @file Mean loss per label token and perplexity of a model on a data set, with an adapter or without. */

import type { Adapter } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { createLossEvaluator, type EvaluatorSource, type LossEvaluator } from '../loss/evaluator.js';
import { inOrder } from '../loss/in-order.js';
import type { LanguageModel } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';

export interface EvaluateLossOptions {
  model: LanguageModel;
  adapter?: Adapter;
  dataset: Dataset;
  /** Default 8. It only affects speed. */
  batchSize?: number;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
  /** Ends the evaluation between two batches; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Where losses are computed. Default: here. */
  createEvaluator?: EvaluatorSource;
  /** Called after each batch: `done` of `total` examples. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

export interface LossResult {
  /** Mean of -log p over the label tokens, each counted once. */
  readonly loss: number;
  /** exp(loss) */
  readonly perplexity: number;
  readonly labelTokens: number;
  /** The loss of each example, in the order of the data set. */
  readonly rows: readonly RowLoss[];
}

export interface RowLoss {
  /** Sum of -log p over the example's label tokens. */
  readonly lossSum: number;
  readonly labelTokens: number;
}

/**
 * Evaluates the loss on a data set. A text's first token never counts, since only a learned prompt could predict it, so
 * that figures with and without an adapter are about the same tokens. Soft tokens in the data are removed if the
 * adapter has none.
 * @throws PromptuneError if no token counts, or the loss is not finite
 */
export async function evaluateLoss(options: EvaluateLossOptions): Promise<LossResult> {
  const { model, adapter, createEvaluator } = options;
  const evaluator = await (createEvaluator?.(adapter) ?? createLossEvaluator(model, adapter, options));
  const { vocabSize } = model.config;
  const dataset: Dataset = adapter?.placement
    ? options.dataset
    : {
        ...options.dataset,
        get: async (index) => withoutSoftTokens(await options.dataset.get(index), vocabSize),
      };
  try {
    return await lossOn(evaluator, dataset, options);
  } finally {
    await evaluator.dispose();
  }
}

/** Like `evaluateLoss`, with an existing evaluator, for many data sets in turn. */
export async function lossOn(
  evaluator: Pick<LossEvaluator, 'evaluateRows' | 'atOnce'>,
  dataset: Dataset,
  { batchSize = 8, signal, onProgress }: Pick<EvaluateLossOptions, 'batchSize' | 'signal' | 'onProgress'>,
): Promise<LossResult> {
  const rows = Array.from({ length: dataset.length }, (): RowLoss => ({ lossSum: 0, labelTokens: 0 }));
  let done = 0;
  const batches = planEpoch({ ...dataset, batchSize, seed: 0, epoch: 0 });
  const measured = inOrder(batches, evaluator.atOnce ?? 1, async (batch) => {
    signal?.throwIfAborted();
    const examples = (await Promise.all(batch.map((index) => dataset.get(index)))).map(withoutFirstLabel);
    const labels = examples.map(({ lossMask }) => lossMask.reduce((a, b) => a + b, 0));
    const sums = labels.some((count) => count > 0) ? await evaluator.evaluateRows(examples) : labels;
    return { batch, labels, sums };
  });
  for await (const { batch, labels, sums } of measured) {
    for (const [i, index] of batch.entries()) rows[index] = { lossSum: sums[i]!, labelTokens: labels[i]! };
    done += batch.length;
    onProgress?.({ done, total: dataset.length });
  }
  const lossSum = rows.reduce((sum, row) => sum + row.lossSum, 0);
  const labelTokens = rows.reduce((sum, row) => sum + row.labelTokens, 0);
  if (labelTokens === 0)
    throw new PromptuneError(say`the data set has no label token to evaluate`, { code: 'invalid-data' });
  const loss = lossSum / labelTokens;
  if (!Number.isFinite(loss)) {
    const advice = say`look for NaN or very large values in the model's weights and in the adapter`;
    throw new PromptuneError(say`the loss is ${loss}: ${advice}`);
  }
  return { loss, perplexity: Math.exp(loss), labelTokens, rows };
}

/** An example without its soft tokens, for a model that has no vectors for them. */
export function withoutSoftTokens(
  { inputIds, lossMask, ...example }: EncodedExample,
  vocabSize: number,
): EncodedExample {
  const isText = (_: number, i: number) => inputIds[i]! < vocabSize;
  return { ...example, inputIds: inputIds.filter(isText), lossMask: lossMask.filter(isText) };
}

/** An example whose first token is not a label. */
export function withoutFirstLabel({ inputIds, lossMask }: EncodedExample): EncodedExample {
  return { inputIds, lossMask: lossMask.map((label, i) => (i === 0 ? 0 : label)) };
}
