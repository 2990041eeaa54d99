/** @file The job that evaluates: finds model, adapter and data, and picks the kind of evaluation. */

import * as z from 'zod';
import type { Adapter } from '../../attach/method.js';
import { notedWords, readingFor } from '../../attach/with-usage.js';
import { optionError, UsageError } from '../../errors.js';
import { labelMetrics } from '../../evaluation/evaluate.js';
import { resolveGenerationOptions } from '../../generation/options.js';
import { datasetOptions } from '../../loss/dataset-options.js';
import { unfamiliarTexts } from '../../loss/familiar-texts.js';
import type { ModelDtype } from '../../models/dtype.js';
import type { Pretrained } from '../../open-pretrained.js';
import { checkDevice } from '../../runtime/index.js';
import { say } from '../../say.js';
import { parseOptions } from '../../schema-problems.js';
import { type DataConfig, resolveDataConfig } from '../../text/data-config.js';
import { openDataset, type TextDataset } from '../../text/dataset.js';
import type { LabelNames } from '../../text/label-names.js';
import type { LabelWords } from '../../text/noted-reading.js';
import { lengthWarnings, textWarnings } from '../../text/text-warnings.js';
import { longWordWarnings, verbalizerOf } from '../../text/verbalizer.js';
import { openPieces } from '../distribution/open-pieces.js';
import type { Pieces } from '../distribution/remote.js';
import { type AnswersResult, evaluateAnswers } from '../evaluations/answers.js';
import { evaluateWithHead, type HeadResult } from '../evaluations/head.js';
import { evaluateTexts, type TextsResult } from '../evaluations/loss.js';
import { evaluatePrecisions, type PrecisionsResult } from '../evaluations/precisions.js';
import { evaluationSchema } from '../evaluations/schema.js';
import { fetchDatasets } from '../fetch-datasets.js';
import { openAdapter, withHeadIfAny } from '../find-adapter.js';
import { openForAdapters } from '../open-for-adapters.js';
import { counting, downloading, type JobOptions } from './events.js';

export const evaluateJobSchema = evaluationSchema.extend({ type: z.literal('evaluate') });
export type EvaluateJob = z.input<typeof evaluateJobSchema>;

export type EvaluateJobResult = TextsResult | HeadResult | PrecisionsResult | AnswersResult;

/** The inputs of every kind of evaluation. */
export interface EvaluationInputs extends Pretrained {
  readonly job: EvaluateJob;
  /** With a head, if there is one. */
  readonly adapter: Adapter | undefined;
  readonly options: JobOptions;
  /** Where batches are computed. Default: here. */
  readonly pieces?: Pieces;
}

/** The data of an evaluation, and facts about it. */
export interface EvaluationData {
  readonly dataset: TextDataset;
  readonly summary: DataSummary;
}

export interface DataSummary {
  readonly examples: number;
  /** Examples longer than `maxLength`: truncated and skipped. */
  readonly truncated: number;
  readonly dropped: number;
  /** The layout of the records, if it was recognized. */
  readonly recognized?: string;
  /** What is ignored in the records, in words. */
  readonly notes?: readonly string[];
}

/**
 * Evaluates with the adapter and, if the adapter can be left out, without it.
 * @throws UsageError for options that do not go together, before a model is loaded if possible
 */
export async function runEvaluateJob(job: EvaluateJob, options: JobOptions): Promise<EvaluateJobResult> {
  checkJob(job);
  const { model: name, revision, offline, dtypes = [], data, answers } = job;
  const { signal } = options;
  const onProgress = downloading(options);
  const open = (dtype: ModelDtype | undefined) =>
    openForAdapters(name, job.adapters, { revision, offline, dtype, signal, onProgress });
  const start = performance.now();
  const { note, ...pretrained } = await open(dtypes[0]);
  if (note !== undefined) options.onEvent?.({ type: 'warning', message: note });
  const loadSeconds = (performance.now() - start) / 1000;
  const { model, tokenizer } = pretrained;
  const plain = await openAdapter(job, model, signal);
  const headed = await withHeadIfAny(plain, model);
  const reading = readingFor(model, plain, job.reading);
  if (job.reading?.labelField !== undefined && !headed && !reading.verbalizer)
    throw optionError('labelField', say`requires an adapter with a head`);
  if (!headed && model.bidirectional)
    throw new UsageError(
      say`${model.name} does not generate texts; use an adapter with a head, trained with taskType`,
      { code: 'unsupported' },
    );
  await fetchDatasets([data], { offline, signal, onProgress });
  const { engine } = options;
  const { adapters, task, device, threads } = job;
  const of = { model: name, revision, offline, dtype: dtypes[0], adapters, task, device, threads };
  const pieces =
    engine && !headed && dtypes.length < 2 ? await openPieces({ engine, of, signal }, pretrained) : undefined;
  const inputs = { ...pretrained, adapter: headed ?? plain, job: { ...job, reading }, options, pieces };
  if (answers) return evaluateAnswers(inputs, answers);
  if (headed && dtypes.length > 1)
    throw optionError(
      'dtype',
      say`several are compared by losses of texts, but this adapter has a head; use one dtype`,
    );
  const dataset = await openDataset({
    data,
    ...datasetOptions(model, tokenizer, inputs.adapter, resolveDataConfig(reading)),
    signal,
    onProgress: counting(options, 'data'),
  });
  const { summary: counts, shape, notes } = dataset;
  const summary = {
    ...counts,
    ...(shape !== undefined && { recognized: shape }),
    ...(notes.length > 0 && { notes }),
  };
  const opened = { dataset, summary };
  try {
    const byWords = headed ? undefined : wordsFor(reading, notedWords(model, plain), dataset.labels);
    const words = byWords && verbalizerOf(byWords.verbalizer, byWords.labelField);
    for (const message of [
      ...(words ? longWordWarnings(words, tokenizer, reading) : []),
      ...(await textWarnings(dataset, tokenizer, { joins: false })),
      ...(await unfamiliarTexts(dataset, { model, tokenizer, device, threads, signal })),
      ...lengthWarnings(dataset.summary),
    ])
      options.onEvent?.({ type: 'warning', message });
    if (headed) return await evaluateWithHead({ ...inputs, adapter: headed }, opened);
    if (dtypes.length > 1) return await evaluatePrecisions(inputs, opened, loadSeconds, open);
    if (byWords && !asksForLoss(job)) {
      const labeled = { ...job, reading: { ...reading, ...byWords } };
      return await evaluateAnswers({ ...inputs, job: labeled }, { metrics: [...labelMetrics] });
    }
    return await evaluateTexts(inputs, opened);
  } finally {
    await dataset.dispose();
  }
}

/**
 * The words of each label: those of the settings, or else those that the adapter notes, unless the data has others
 * than its labels.
 */
function wordsFor(
  { verbalizer, labelField }: Partial<DataConfig>,
  noted: LabelWords | undefined,
  labels: LabelNames | undefined,
): LabelWords | undefined {
  if (verbalizer) return { verbalizer, labelField };
  return labels?.names.every((name) => noted && Object.hasOwn(noted.verbalizer, name)) === false
    ? undefined
    : noted;
}

/** Whether a setting is given that affects losses alone. */
const asksForLoss = ({ reading }: EvaluateJob) =>
  reading?.truncation !== undefined || reading?.trainOn !== undefined;

/** Checks what can be checked before a model is loaded. */
function checkJob(job: EvaluateJob): void {
  const { answers, dtypes = [], device } = parseOptions(evaluateJobSchema, job);
  if (device !== undefined) checkDevice(device);
  if (!answers) return;
  if (dtypes.length > 1)
    throw optionError('dtype', say`several are compared by loss and perplexity; leave out the metrics`);
  resolveGenerationOptions(answers.generation ?? {});
}
