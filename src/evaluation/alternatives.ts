/** @file Losses of alternative answers to each text, which tell the most likely one. */

import type { Adapter } from '../attach/method.js';
import type { Decoder } from '../generation/decoder.js';
import { createModelDecoder } from '../generation/model-decoder.js';
import { createLossEvaluator, type LossEvaluator, type ModelStepOptions } from '../loss/evaluator.js';
import { inOrder } from '../loss/in-order.js';
import { groupRows } from '../loss/shared-rows.js';
import type { LanguageModel } from '../models/model.js';
import { planEpoch } from '../text/batches.js';
import type { EncodedExample } from '../text/encode.js';
import { lossesFromPrefixes, sharedLength } from './shared-prefix.js';

export interface AlternativesOptions {
  /** Texts, and rows, per batch. */
  batchSize: number;
  signal?: AbortSignal;
  /** Called after each batch with the number of its texts. */
  onBatch?: (texts: number) => void;
}

/** What losses of alternatives need of an evaluator. */
export interface AlternativesEvaluator
  extends Pick<LossEvaluator, 'evaluateRows' | 'atOnce' | 'countsFirst' | 'dispose'> {
  /** The losses of texts whose alternatives have more than one token each. Default: by `evaluateRows`. */
  evaluateShared?(texts: readonly (readonly EncodedExample[])[]): Promise<number[][]>;
}

/** The loss sum of each alternative, per text. Texts of similar length are batched together to save padding. */
export async function lossesOfAlternatives(
  evaluator: Pick<AlternativesEvaluator, 'evaluateRows' | 'atOnce' | 'evaluateShared'>,
  alternatives: readonly (readonly EncodedExample[])[],
  { batchSize, signal, onBatch }: AlternativesOptions,
): Promise<number[][]> {
  const losses: number[][] = [];
  const tokenCounts = alternatives.map(([one]) => one!.inputIds.length);
  const { evaluateShared } = evaluator;
  const isShared = evaluateShared && alternatives.every(goesOnFromPrefix) && !alternatives.every(isOneRow);
  const most = Math.max(1, ...alternatives.map((own) => own.length));
  const texts = isShared ? Math.max(1, Math.min(batchSize, Math.floor(mostRows / most))) : batchSize;
  const batches = planEpoch({ tokenCounts, batchSize: texts, seed: 0, epoch: 0 });
  const measured = inOrder(batches, evaluator.atOnce ?? 1, async (batch) => {
    signal?.throwIfAborted();
    const own = batch.map((text) => alternatives[text]!);
    const found = isShared
      ? (await evaluateShared(own)).flat()
      : await evaluator.evaluateRows(own.flat(), texts);
    return { batch, found };
  });
  for await (const { batch, found } of measured) {
    let next = 0;
    for (const text of batch) losses[text] = alternatives[text]!.map(() => found[next++]!);
    onBatch?.(batch.length);
  }
  return losses;
}

/** Alternatives at once: each has scores of the whole vocabulary. */
const mostRows = 64;

/** Whether one row has the losses of all alternatives (see groupRows). */
const isOneRow = (examples: readonly EncodedExample[]) => groupRows(examples).length === 1;

/** Whether all targets stand behind the tokens that the alternatives share, of which there are some. */
function goesOnFromPrefix(examples: readonly EncodedExample[]): boolean {
  const length = sharedLength(examples);
  const isBehind = ({ lossMask, labels }: EncodedExample) => !labels && lossMask.indexOf(1) >= length;
  return length > 0 && examples.every(isBehind);
}

/** Loads what is needed on the first request. */
export async function createAlternativesEvaluator(
  model: LanguageModel,
  adapter: Adapter | undefined,
  options: ModelStepOptions,
): Promise<AlternativesEvaluator> {
  const evaluator = await createLossEvaluator(model, adapter, options);
  const hasPrefixes = !model.encoder && !model.bidirectional && !adapter?.tasks && !adapter?.head;
  let loading: Promise<Decoder> | undefined;
  return {
    countsFirst: evaluator.countsFirst,
    evaluateRows: evaluator.evaluateRows,
    ...(hasPrefixes && {
      async evaluateShared(texts) {
        loading ??= createModelDecoder({ model, adapter, ...options });
        return lossesFromPrefixes(await loading, texts);
      },
    }),
    async dispose() {
      await evaluator.dispose();
      await (await loading)?.dispose();
    },
  };
}
