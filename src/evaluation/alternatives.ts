/** @file Losses of alternative answers to each text, which tell the most likely one. */

import type { LossEvaluator } from '../loss/evaluator.js';
import { inOrder } from '../loss/in-order.js';
import { planEpoch } from '../text/batches.js';
import type { EncodedExample } from '../text/encode.js';

export interface AlternativesOptions {
  /** Texts, and rows, per batch. */
  batchSize: number;
  signal?: AbortSignal;
  /** Called after each batch with the number of its texts. */
  onBatch?: (texts: number) => void;
}

/** The loss sum of each alternative, per text. Texts of similar length are batched together to save padding. */
export async function lossesOfAlternatives(
  evaluator: Pick<LossEvaluator, 'evaluateRows' | 'atOnce'>,
  alternatives: readonly (readonly EncodedExample[])[],
  { batchSize, signal, onBatch }: AlternativesOptions,
): Promise<number[][]> {
  const losses: number[][] = [];
  const tokenCounts = alternatives.map(([one]) => one!.inputIds.length);
  const batches = planEpoch({ tokenCounts, batchSize, seed: 0, epoch: 0 });
  const measured = inOrder(batches, evaluator.atOnce ?? 1, async (batch) => {
    signal?.throwIfAborted();
    const rows = batch.flatMap((text) => alternatives[text]!);
    return { batch, found: await evaluator.evaluateRows(rows, batchSize) };
  });
  for await (const { batch, found } of measured) {
    let next = 0;
    for (const text of batch) losses[text] = alternatives[text]!.map(() => found[next++]!);
    onBatch?.(batch.length);
  }
  return losses;
}
