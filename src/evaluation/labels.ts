/** @file Mean loss and accuracy of a head on a data set, over all labels. */

import { findsSpans } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { createLossEvaluator } from '../loss/evaluator.js';
import { countLabels } from '../loss/label-counts.js';
import { say } from '../say.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import { noLabel } from '../text/encode.js';
import type { EvaluateLossOptions } from './loss.js';
import { type Majority, majorityOf } from './majority.js';

export interface EvaluateLabelsOptions extends EvaluateLossOptions {
  /** An adapter with a head. */
  adapter: Adapter;
  /** Labeled (see `DatasetOptions.labeling`), with the head's own labels. */
  dataset: Dataset;
}

export interface LabelsResult {
  /** Mean of -log p over the labels. */
  readonly loss: number;
  /** The fraction of labels with the highest score, or of answers that are the best span. */
  readonly accuracy: number;
  readonly labels: number;
  /** The most frequent label. Undefined for answers in texts. */
  readonly majority?: Majority;
}

/** Evaluates a head on a data set. Throws a PromptuneError if the loss is not finite. */
export async function evaluateLabels(options: EvaluateLabelsOptions): Promise<LabelsResult> {
  const { model, adapter, dataset, batchSize = 8, signal, onProgress } = options;
  const evaluator = await createLossEvaluator(model, adapter, options);
  try {
    let [lossSum, correct, labels, done] = [0, 0, 0, 0];
    const names: string[] = [];
    for (const batch of planEpoch({ ...dataset, batchSize, seed: 0, epoch: 0 })) {
      signal?.throwIfAborted();
      const examples = await Promise.all(batch.map((index) => dataset.get(index)));
      const result = await evaluator.evaluate(examples);
      lossSum += result.lossSum;
      correct += result.correct!;
      labels += countLabels(examples, evaluator);
      if (!findsSpans(adapter.head))
        for (const { labels: numbers } of examples)
          for (const number of numbers ?? [])
            if (number !== noLabel) names.push(adapter.head!.labels[number]!);
      done += batch.length;
      onProgress?.({ done, total: dataset.length });
    }
    const loss = lossSum / labels;
    if (!Number.isFinite(loss))
      throw new PromptuneError(
        say`the loss is ${loss}: look for NaN or very large values in the model's weights and in the
          adapter`,
      );
    const majority = majorityOf(names);
    return { loss, accuracy: correct / labels, labels, ...(majority && { majority }) };
  } finally {
    await evaluator.dispose();
  }
}
