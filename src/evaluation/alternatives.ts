/** @file Losses of alternative answers to each text, which tell the most likely one. */

import type { Adapter } from '../attach/method.js';
import { createModelDecoder } from '../generation/model-decoder.js';
import { createLossEvaluator, type LossEvaluator, type ModelStepOptions } from '../loss/evaluator.js';
import { inOrder } from '../loss/in-order.js';
import { groupRows } from '../loss/shared-rows.js';
import type { LanguageModel } from '../models/model.js';
import { planEpoch } from '../text/batches.js';
import type { EncodedExample } from '../text/encode.js';
import { onDemand } from './on-demand.js';
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
  /** The losses of texts that are read once. Default: by `evaluateRows`. */
  readonly shared?: {
    /** Multiplications per token. */
    readonly work: number;
    evaluate(texts: readonly (readonly EncodedExample[])[]): Promise<number[][]>;
  };
}

/** The loss sum of each alternative, per text. Texts of similar length are batched together to save padding. */
export async function lossesOfAlternatives(
  evaluator: Pick<AlternativesEvaluator, 'evaluateRows' | 'atOnce' | 'shared'>,
  alternatives: readonly (readonly EncodedExample[])[],
  { batchSize, signal, onBatch }: AlternativesOptions,
): Promise<number[][]> {
  const losses: number[][] = [];
  const tokenCounts = alternatives.map(([one]) => one!.inputIds.length);
  const { shared } = evaluator;
  const isShared = shared && alternatives.every(goesOnFromPrefix) && savedWork(alternatives, shared.work) > 0;
  const most = Math.max(1, ...alternatives.map((own) => own.length));
  const texts = isShared ? Math.max(1, Math.min(batchSize, Math.floor(mostRows / most))) : batchSize;
  const batches = planEpoch({ tokenCounts, batchSize: texts, seed: 0, epoch: 0 });
  const measured = inOrder(batches, evaluator.atOnce ?? 1, async (batch) => {
    signal?.throwIfAborted();
    const own = batch.map((text) => alternatives[text]!);
    const found = isShared
      ? (await shared.evaluate(own)).flat()
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

/** What a row of its own costs besides its tokens, measured on CPUs: keys and values are copied, all tokens scored. */
const workOfRow = 1e8;

/** Multiplications that reading each text once saves. One row has the losses of alternatives of one token. */
function savedWork(texts: readonly (readonly EncodedExample[])[], workOfToken: number): number {
  const tokensOf = (examples: readonly EncodedExample[]) =>
    examples.reduce((sum, { inputIds }) => sum + inputIds.length, 0);
  return texts.reduce((sum, examples) => {
    const apart = tokensOf(groupRows(examples).map(([one]) => one!));
    const together = tokensOf(examples) - (examples.length - 1) * sharedLength(examples);
    return sum + (apart - together) * workOfToken - examples.length * workOfRow;
  }, 0);
}

/** Whether all targets stand behind the tokens that the alternatives share, of which there are some. */
function goesOnFromPrefix(examples: readonly EncodedExample[]): boolean {
  const length = sharedLength(examples);
  const isBehind = ({ lossMask, labels }: EncodedExample) => !labels && lossMask.indexOf(1) >= length;
  return length > 0 && examples.every(isBehind);
}

/**
 * Loads what is needed on the first request.
 * @param options.isFrozen whether the adapter stays as it is; calls may then overlap. Default false
 */
export async function createAlternativesEvaluator(
  model: LanguageModel,
  adapter: Adapter | undefined,
  options: ModelStepOptions & { isFrozen?: boolean },
): Promise<AlternativesEvaluator> {
  const evaluator = await createLossEvaluator(model, adapter, options);
  const hasPrefixes = !model.encoder && !model.bidirectional && !adapter?.tasks && !adapter?.head;
  const decoder = onDemand(() => createModelDecoder({ model, adapter, ...options }));
  let turn: Promise<unknown> = Promise.resolve();
  return {
    countsFirst: evaluator.countsFirst,
    evaluateRows: evaluator.evaluateRows,
    ...(hasPrefixes && {
      shared: {
        work: 12 * model.config.numLayers * model.config.hiddenSize ** 2,
        evaluate(texts) {
          // All rows of the decoder are those of one call.
          const losses = turn.then(() => decoder.use((loaded) => lossesFromPrefixes(loaded, texts)));
          turn = losses.catch(() => {});
          return losses;
        },
      },
    }),
    async dispose() {
      await evaluator.dispose();
      await decoder.release();
    },
  };
}
