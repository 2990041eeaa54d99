/** @file Compares a model's precisions by loss, memory and time. */
import { host } from '#platform';
import { evaluateLoss, type LossResult } from '../../evaluation/loss.js';
import { weightBytes } from '../../loading/precision.js';
import type { ModelDtype } from '../../models/dtype.js';
import type { LanguageModel } from '../../models/model.js';
import type { Pretrained } from '../../open-pretrained.js';
import { openAdapter } from '../find-adapter.js';
import type { DataSummary, EvaluationData, EvaluationInputs } from '../jobs/evaluate-job.js';
import { counting } from '../jobs/events.js';

export interface PrecisionsResult {
  readonly kind: 'precisions';
  readonly data: DataSummary;
  readonly precisions: readonly PrecisionFigures[];
}

export interface PrecisionFigures extends LossResult {
  readonly dtype: ModelDtype;
  /** Size of the weights in bytes, which are memory-mapped. */
  readonly weightBytes: number;
  /** Peak private memory of the process, measured after batches. */
  readonly privateBytes: number;
  /** Time to find the model and prepare its files, including a first conversion. */
  readonly loadSeconds: number;
  /** Time of the evaluation, including the creation of the session. */
  readonly seconds: number;
}

/** @param loadSeconds time of the model in `inputs`, which has the first precision; `open` loads the others */
export async function evaluatePrecisions(
  inputs: EvaluationInputs,
  { dataset, summary }: EvaluationData,
  loadSeconds: number,
  open: (dtype: ModelDtype) => Promise<Pretrained>,
): Promise<PrecisionsResult> {
  const { model, job } = inputs;
  const precisions = [await figuresOf(model, loadSeconds, inputs, dataset)];
  for (const dtype of job.dtypes!.slice(1)) {
    const start = performance.now();
    const { model: kept } = await open(dtype);
    precisions.push(await figuresOf(kept, (performance.now() - start) / 1000, inputs, dataset));
  }
  return { kind: 'precisions', data: summary, precisions };
}

async function figuresOf(
  model: LanguageModel,
  loadSeconds: number,
  { job, options }: EvaluationInputs,
  dataset: EvaluationData['dataset'],
): Promise<PrecisionFigures> {
  const adapter = await openAdapter(job, model, options.signal);
  const { batchSize, device, threads } = job;
  const { dtype } = model;
  const tell = counting(options, 'scoring', dtype);
  let privateBytes = 0;
  const start = performance.now();
  const result = await evaluateLoss({
    model,
    adapter,
    dataset,
    batchSize,
    device,
    threads,
    signal: options.signal,
    onProgress: (progress) => {
      privateBytes = Math.max(privateBytes, host.memoryUsage().privateBytes);
      tell(progress);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  return { dtype, ...result, weightBytes: weightBytes(model), privateBytes, loadSeconds, seconds };
}
