/** @file What the frozen model thinks of pairs of answers, which DPO compares with. */
import type { LanguageModel } from '../models/model.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import { createLossEvaluator, type ModelStepOptions } from './evaluator.js';

export interface ReferenceOptions extends Pick<ModelStepOptions, 'device' | 'threads'> {
  /** Pairs per batch. */
  batchSize?: number;
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number }) => void;
}

/**
 * The log-probability of each pair's chosen answer less that of its rejected one, by the model without an adapter.
 * Training does not change these numbers, so they are computed once.
 */
export async function referenceMargins(
  model: LanguageModel,
  pairs: Dataset,
  { batchSize = 8, signal, onProgress, ...options }: ReferenceOptions = {},
): Promise<Float32Array> {
  const margins = new Float32Array(pairs.length);
  await using evaluator = await createLossEvaluator(model, undefined, options);
  let done = 0;
  for (const batch of planEpoch({ ...pairs, batchSize, seed: 0, epoch: 0 })) {
    signal?.throwIfAborted();
    const examples = await Promise.all(batch.map((index) => pairs.get(index)));
    const answers = examples.flatMap(({ rejected, ...chosen }) => [chosen, rejected!]);
    const losses = await evaluator.evaluateRows(answers);
    for (const [i, index] of batch.entries()) margins[index] = losses[2 * i + 1]! - losses[2 * i]!;
    done += batch.length;
    onProgress?.({ done, total: pairs.length });
  }
  return margins;
}
