/** @file Loss and perplexity of texts, with an adapter and without it. */
import { evaluateLoss, type LossResult } from '../../evaluation/loss.js';
import { evaluatorSource } from '../distribution/remote.js';
import type { DataSummary, EvaluationData, EvaluationInputs } from '../jobs/evaluate-job.js';
import { counting } from '../jobs/events.js';

export interface TextsResult {
  readonly kind: 'loss';
  readonly data: DataSummary;
  readonly adapter?: LossResult;
  /** The model alone. */
  readonly model: LossResult;
}

export async function evaluateTexts(
  { model, adapter, job, options, pieces }: EvaluationInputs,
  { dataset, summary }: EvaluationData,
): Promise<TextsResult> {
  const { batchSize, device, threads } = job;
  const evaluate = (learned: typeof adapter) =>
    evaluateLoss({
      model,
      adapter: learned,
      dataset,
      batchSize,
      device,
      threads,
      signal: options.signal,
      createEvaluator: pieces && evaluatorSource(pieces, model),
      onProgress: counting(options, 'scoring', learned ? 'adapter' : 'model'),
    });
  return {
    kind: 'loss',
    data: summary,
    ...(adapter && { adapter: await evaluate(adapter) }),
    model: await evaluate(undefined),
  };
}
