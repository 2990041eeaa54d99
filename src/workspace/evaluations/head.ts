/** @file Loss and accuracy of a head. */
import { findsSpans } from '../../attach/head.js';
import type { Adapter } from '../../attach/method.js';
import { evaluateLabels, type LabelsResult } from '../../evaluation/labels.js';
import type { DataSummary, EvaluationData, EvaluationInputs } from '../jobs/evaluate-job.js';
import { counting } from '../jobs/events.js';

export interface HeadResult {
  readonly kind: 'head';
  readonly data: DataSummary;
  /** Whether the head finds answers in texts; the accuracy then counts exact ones. */
  readonly findsAnswers: boolean;
  readonly adapter: LabelsResult;
}

export async function evaluateWithHead(
  { model, adapter, job, options }: EvaluationInputs & { adapter: Adapter },
  { dataset, summary }: EvaluationData,
): Promise<HeadResult> {
  const { batchSize, device, threads } = job;
  const { signal } = options;
  const onProgress = counting(options, 'scoring', 'head');
  const run = { model, adapter, dataset, batchSize, device, threads, signal, onProgress };
  const findsAnswers = findsSpans(adapter.head);
  return { kind: 'head', data: summary, findsAnswers, adapter: await evaluateLabels(run) };
}
