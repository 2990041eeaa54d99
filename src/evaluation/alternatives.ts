/** @file Losses of alternative answers to each text, which tell the most likely one. */

import type { LossEvaluator } from '../loss/evaluator.js';
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
  evaluator: Pick<LossEvaluator, 'evaluateRows'>,
  alternatives: readonly (readonly EncodedExample[])[],
  { batchSize, signal, onBatch }: AlternativesOptions,
): Promise<number[][]> {
  const losses: number[][] = [];
  const tokenCounts = alternatives.map(([one]) => one!.inputIds.length);
  for (const batch of planEpoch({ tokenCounts, batchSize, seed: 0, epoch: 0 })) {
    signal?.throwIfAborted();
    const found = await evaluator.evaluateRows(
      batch.flatMap((text) => alternatives[text]!),
      batchSize,
    );
    let next = 0;
    for (const text of batch) losses[text] = alternatives[text]!.map(() => found[next++]!);
    onBatch?.(batch.length);
  }
  return losses;
}
