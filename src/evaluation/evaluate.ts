/** @file Evaluates the outputs of a model with an adapter on a data set, by any metrics. */

import { readingFor } from '../attach/with-usage.js';
import { optionError, UsageError } from '../errors.js';
import type { GenerationOptions } from '../generation/options.js';
import { datasetOptions } from '../loss/dataset-options.js';
import { type Data, storedSources } from '../records/data.js';
import { fileOptionsOf } from '../records/text-encoding.js';
import { say } from '../say.js';
import type { Message } from '../text/chat.js';
import { type DataConfig, dataSchema } from '../text/data-config.js';
import { openDataset } from '../text/dataset.js';
import type { EncodeOptions } from '../text/encode.js';
import { type ExampleOptions, readExamples, shownPrompt } from './examples.js';
import { evaluateLoss } from './loss.js';
import { type Majority, majorityOf } from './majority.js';
import { allOf, type Metric, type ScoredRow, summed } from './metrics/metric.js';
import { isLossMetric, metrics as known, resolveMetrics } from './metrics/registry.js';
import { classifyOutputs, generateOutputs, type Output, type OutputOptions, rankLabels } from './outputs.js';
import { bootstrapInterval, type Interval, type ResamplingOptions } from './significance.js';

/** Default metrics of labels. */
export const labelMetrics: readonly string[] = ['accuracy', 'macro-f1', 'mcc', 'ece'];

export interface EvaluationOptions
  extends OutputOptions,
    Omit<ExampleOptions, 'tokenizer' | 'signal'>,
    Pick<EncodeOptions, 'maxLength' | 'appendEos'> {
  /** Rows, a path (see openRecords), or several of these. */
  data: Data;
  /** Metrics: names (see docs/evaluation.md), `loss` and `perplexity` included, or your own (`defineMetric`). */
  metrics: readonly (string | Metric)[];
  /** Options of generation. Default: greedy, 64 tokens. */
  generation?: GenerationOptions;
  /** Options of confidence intervals. */
  resampling?: ResamplingOptions;
}

export interface Score {
  readonly value: number;
  /** Confidence interval, 95 % unless `resampling` says otherwise. Absent for distinct-n and ECE. */
  readonly interval?: Interval;
  readonly better: Metric['better'];
  /** Settings of the metric. */
  readonly signature: string;
}

export interface EvaluatedRow extends ScoredRow {
  /** `line 12` of a file, or `row 12` in memory. */
  readonly place: string;
  readonly prompt: string;
  /** The conversation that the prompt is. */
  readonly messages?: readonly Message[];
  /** Scores of the metrics that are defined for one row. */
  readonly scores: Readonly<Record<string, number>>;
}

export interface Evaluation {
  readonly scores: Readonly<Record<string, Score>>;
  /** In the order of the data. Empty if the only metric is the loss. */
  readonly rows: readonly EvaluatedRow[];
  /** Of labels: the most frequent one. */
  readonly majority?: Majority;
  /** What of the records is read past, for people: a line for fields, and others for parts of conversations. */
  readonly notes?: readonly string[];
}

/**
 * Evaluates a model, with an adapter or alone. It generates texts or, given `labels`, chooses the most likely one as
 * completion; an adapter with a head labels the texts. Surrounding spaces are ignored.
 * @throws UsageError for a metric that is unknown, repeated, or does not fit the predictions; an error that names the
 *   record for invalid data
 */
export async function evaluate(given: EvaluationOptions): Promise<Evaluation> {
  const { adapter } = given;
  const head = adapter?.head;
  if (head && given.labels)
    throw optionError('labels', say`the head of the adapter has its own labels; leave the option out`);
  const names = given.metrics.map((metric) => (typeof metric === 'string' ? metric : metric.name));
  const chosen = resolveMetrics(given.metrics.filter((metric) => !isLoss(metric)));
  if (given.metrics.length === 0) throw optionError('metrics', say`expected at least one`);
  const options = {
    ...given,
    ...withWords(given, readingOf(given), chosen),
    data: await storedSources(given.data, given.signal),
  };
  checkFit(chosen, (head ?? options.labels) !== undefined);

  const ofLoss = options.metrics.some(isLoss) ? await lossScores(options) : undefined;
  const answered = chosen.length > 0 ? await answeredRows(options) : undefined;
  const rows = answered?.rows ?? [];
  const notes = answered?.notes ?? ofLoss?.notes ?? [];
  const scored = scoreRows(chosen, rows, options.resampling);
  const hasLabels = (head ?? options.labels) !== undefined;
  const majority = hasLabels ? majorityOf(rows.map(({ references }) => references[0]!)) : undefined;
  return {
    scores: Object.fromEntries(names.map((name) => [name, ofLoss?.scores[name] ?? scored.scores[name]!])),
    rows: rows.map((row, i) => ({ ...row, scores: scored.ofRows[i]! })),
    ...(majority && { majority }),
    ...(notes.length > 0 && { notes }),
  };
}

const readingKeys = [
  ...(['template', 'completionTemplate', 'layoutLanguage', 'verbalizer', 'labelField'] as const),
  ...(['maxLength', 'appendEos', 'chat'] as const),
];

/** How the records are read: what is not given is as the adapter notes it. */
function readingOf({ model, adapter, ...given }: EvaluationOptions): Partial<DataConfig> {
  const wanted = Object.fromEntries(readingKeys.map((key) => [key, given[key]]));
  const noted = readingFor(model, adapter, given.labels ? { ...wanted, chat: false } : wanted);
  return Object.fromEntries(readingKeys.map((key) => [key, noted[key]]));
}

/**
 * The labels to choose from, by their words where there is a verbalizer that has them all. Metrics of labels take the
 * verbalizer's own by default.
 */
function withWords(
  { adapter, labels }: EvaluationOptions,
  reading: Partial<DataConfig>,
  chosen: readonly Metric[],
): Partial<DataConfig> & { labels?: readonly string[] } {
  const { verbalizer } = reading;
  if (adapter?.head || !verbalizer) return { ...reading, verbalizer: undefined, labels };
  const known = Object.keys(verbalizer);
  const areOfLabels = chosen.length > 0 && chosen.every(({ needs }) => needs !== 'texts');
  if (!labels) return { ...reading, labels: areOfLabels ? known : undefined };
  const areItsOwn = labels.every((label) => known.includes(label));
  return { ...reading, labels, ...(!areItsOwn && { verbalizer: undefined, labelField: undefined }) };
}

const isLoss = (metric: string | Metric) => typeof metric === 'string' && isLossMetric(metric);

function checkFit(chosen: readonly Metric[], isOfLabels: boolean): void {
  const fits = ({ needs }: Metric) => (needs === 'texts') !== isOfLabels;
  const wrong = chosen.find((metric) => !fits(metric));
  if (!wrong) return;
  const names = known.filter(fits).map(({ name }) => name);
  throw new UsageError(
    isOfLabels
      ? say`the metric "${wrong.name}" compares texts, but labels are predicted; metrics for labels
        are ${names.join(', ')}`
      : say`the metric "${wrong.name}" is for labels, but texts are generated; set labels, or use a
        metric for texts: ${names.join(', ')}`,
  );
}

async function answeredRows(
  options: EvaluationOptions,
): Promise<{ rows: Omit<EvaluatedRow, 'scores'>[]; notes: readonly string[] }> {
  const { adapter, template = adapter?.placement?.template, generation = {}, chat } = options;
  const head = adapter?.head;
  const labels = head?.labels ?? options.labels;
  if (labels && new Set(labels).size < Math.max(2, labels.length))
    throw optionError('labels', say`expected two or more different labels, got ${labels.join(', ')}`);
  const labelField = head ? (options.labelField ?? 'label') : options.labelField;
  if (options.labelField !== undefined && !head && !options.verbalizer)
    throw optionError('labelField', say`only an adapter with a head, or a verbalizer, uses it; leave it out`);
  const { examples, notes } = await readExamples(options.data, { ...options, template, labels, labelField });
  let outputs: Output[];
  if (head) outputs = await classifyOutputs(examples, { ...options, adapter: adapter! });
  else if (labels) outputs = await rankLabels(examples, labels, encodingOf(options), options);
  else outputs = await generateOutputs(examples, { ...generation, chat }, options);
  const rows = examples.map(({ origin, prompt, messages, references }, i) => ({
    place: origin.place,
    prompt: shownPrompt(prompt),
    ...(messages && { messages }),
    references,
    ...outputs[i]!,
  }));
  return { rows, notes };
}

/** As in training, the virtual tokens take part of the model's context. */
function encodingOf({ model, tokenizer, adapter, maxLength, appendEos, verbalizer }: EvaluationOptions) {
  const config = dataSchema.parse({ maxLength, appendEos });
  const options = datasetOptions(model, tokenizer, adapter, config);
  // Words are compared as `classify` does, without an end.
  return { maxLength: options.maxLength, appendEos: options.appendEos && !verbalizer };
}

async function lossScores(
  options: EvaluationOptions,
): Promise<{ scores: Readonly<Record<string, Score>>; notes: readonly string[] }> {
  const { model, tokenizer, adapter, template, completionTemplate, layoutLanguage } = options;
  const { chat, maxLength, appendEos, verbalizer, labelField } = options;
  if (adapter?.head)
    throw new UsageError(say`loss: for a head, use evaluateLabels, or eval without metrics`, {
      code: 'unsupported',
    });
  const config = dataSchema.parse({
    ...fileOptionsOf(options),
    template,
    completionTemplate,
    layoutLanguage,
    verbalizer,
    labelField,
    chat,
    maxLength,
    appendEos,
  });
  const dataset = await openDataset({
    data: options.data,
    ...datasetOptions(model, tokenizer, adapter, config),
    signal: options.signal,
  });
  try {
    const { loss, perplexity, labelTokens, rows } = await evaluateLoss({ ...options, dataset });
    const scorer = summed(
      rows.map(({ lossSum, labelTokens: count }) => [lossSum, count]),
      ([sum = 0, count = 0]) => (count > 0 ? sum / count : loss),
    );
    const { low, high } = bootstrapInterval(scorer, rows.length, options.resampling);
    const signature = `over ${labelTokens} tokens`;
    const scores: Record<string, Score> = {
      loss: { value: loss, interval: { low, high }, better: 'lower', signature },
      perplexity: {
        value: perplexity,
        interval: { low: Math.exp(low), high: Math.exp(high) },
        better: 'lower',
        signature,
      },
    };
    return { scores, notes: dataset.notes };
  } finally {
    await dataset.dispose();
  }
}

/** Scores of answered rows: overall and per row. */
function scoreRows(
  chosen: readonly Metric[],
  rows: readonly ScoredRow[],
  resampling?: ResamplingOptions,
): { scores: Record<string, Score>; ofRows: Record<string, number>[] } {
  const scores: Record<string, Score> = {};
  const ofRows = rows.map((): Record<string, number> => ({}));
  for (const metric of chosen) {
    const { name, better, hasInterval } = metric;
    const scorer = metric.scorer(rows);
    scores[name] = {
      value: scorer.of(allOf(rows)),
      ...(hasInterval && { interval: bootstrapInterval(scorer, rows.length, resampling) }),
      better,
      signature: metric.signature(rows),
    };
    for (const [i, own] of ofRows.entries()) if (scorer.row) own[name] = scorer.row(i);
  }
  return { scores, ofRows };
}
