/** @file Prompts of text and learned prompts on the same rows: what each gains, and what each costs. */
import { optionError, PromptuneError, UsageError } from '../errors.js';
import { accuracy } from '../evaluation/metrics/accuracy.js';
import { allOf, type Metric, type ScoredRow } from '../evaluation/metrics/metric.js';
import { resolveMetrics } from '../evaluation/metrics/registry.js';
import {
  bootstrapInterval,
  type Comparison,
  compareRuns,
  holm,
  type Interval,
} from '../evaluation/significance.js';
import type { LanguageModel } from '../models/model.js';
import { type Data, openData } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { parseOptions } from '../schema-problems.js';
import { scalarText } from '../text/fields.js';
import { readLabels } from '../text/labeled.js';
import { layoutLanguageOf } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { TrainingEvent } from '../training/events.js';
import { adviceOn } from './advice.js';
import { type BenchmarkConfig, settingsSchema } from './config.js';
import { type Contender, contendersOf } from './contenders.js';
import { referencesOf, writersOf } from './texts.js';

/** What to compare, on which rows; see `benchmarkSchema`. */
export interface BenchmarkOptions extends Omit<BenchmarkConfig, 'data' | 'test'> {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** Rows to learn from, with labels or, with `metrics`, with completions. */
  data: Data;
  /** Rows to measure on, none of which should be in `data`. */
  test: Data;
  /** Ends the benchmark; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with progress and with each row of the table. */
  onEvent?: (event: BenchmarkEvent) => void;
}

export type BenchmarkEvent =
  /** A contender is at hand, number `number` (from 1) of `count`. */
  | { type: 'contender'; name: string; number: number; count: number }
  | { type: 'result'; row: BenchmarkRow }
  | { type: 'training'; event: TrainingEvent };

/** A prompt, and how it does. */
export interface BenchmarkRow {
  readonly name: string;
  readonly kind: Contender['kind'];
  /** The share of right labels, or the first metric; and where it lies on other rows of the kind (95 %). */
  readonly score: number;
  readonly interval: Interval;
  /** All metrics by name. */
  readonly scores: Readonly<Record<string, number>>;
  /** What it says, if it has words of its own: a template written by hand, or the text that was found. */
  readonly text?: string;
  /**
   * Compared with the best prompt of text; absent for that one. The p-value is corrected for the number of comparisons
   * (`holm`).
   */
  readonly comparison?: Comparison;
  /** Tokens that the model reads per request, on average. */
  readonly tokens: number;
  /** Per request, in batches. */
  readonly milliseconds: number;
  /** What it adds to the model on disk. */
  readonly bytes: number;
  /** Seconds that it took to learn or find. */
  readonly preparation: number;
}

export interface BenchmarkResult {
  readonly model: string;
  /** Numbers of rows. */
  readonly learned: number;
  readonly measured: number;
  /** The metric of `score`. */
  readonly metric: string;
  /** Of labels: the most common one of the rows that are measured, and its share, which a constant answer reaches. */
  readonly majority?: { readonly label: string; readonly share: number };
  /** In the order in which they were made. */
  readonly rows: readonly BenchmarkRow[];
  /** What to use, in a sentence or two. */
  readonly advice: string;
}

/**
 * Measures prompts that people write, with and without examples, a text that a search finds, and learned prompts, on
 * the same rows.
 * @throws UsageError for options that do not fit, FileError for data
 */
export async function benchmarkPrompts(options: BenchmarkOptions): Promise<BenchmarkResult> {
  const { model, tokenizer, data, test: measuredOn, signal, onEvent = () => {}, ...rest } = options;
  const config = parseOptions(settingsSchema, rest);
  const { labelField } = config;
  const [rows, test] = [await readRows(data, signal), await readRows(measuredOn, signal)];
  const inputs = test.map(({ fields }) => fields);
  const labels = config.metrics ? [] : await labelsIn([...rows, ...test], labelField);
  const verbalizer = config.verbalizer ?? Object.fromEntries(labels.map((label) => [label, label]));
  const asRead = config.metrics ? config : { ...config, verbalizer };
  const records = { length: rows.length, get: async (row: number) => rows[row]! };
  const settings = {
    ...{ ...config, model, tokenizer, signal },
    shots: Math.min(config.shots, rows.length),
    layoutLanguage: await layoutLanguageOf(records, asRead),
    rows: rows.map(({ fields }) => fields),
    onEvent: (event: TrainingEvent) => onEvent({ type: 'training', event }),
  };
  const metrics = config.metrics ? textMetrics(config.metrics) : [accuracy];
  let contenders: Contender[];
  let references: readonly (readonly string[])[];
  if (config.metrics) {
    references = await referencesOf(inputs, settings);
    contenders = await writersOf(settings);
  } else {
    references = test.map((record) => [labelOf(record, labelField)]);
    contenders = contendersOf({ ...settings, verbalizer });
  }
  const [metric] = metrics as [Metric];
  const measured: Measured[] = [];
  for (const [i, contender] of contenders.entries()) {
    signal?.throwIfAborted();
    onEvent({ type: 'contender', name: contender.name, number: i + 1, count: contenders.length });
    const found = await measure(contender, inputs, references, metrics);
    measured.push(found);
    onEvent({ type: 'result', row: rowOf(found, metric) });
  }
  const best = bestText(measured);
  const result = {
    model: model.name,
    learned: rows.length,
    measured: test.length,
    metric: metric.name,
    ...(!config.metrics && { majority: majorityOf(references.map(([label]) => label!)) }),
    rows: withHolm(measured.map((found) => rowOf(found, metric, found === best ? undefined : best))),
  };
  return { ...result, advice: adviceOn(result) };
}

interface Measured extends Omit<BenchmarkRow, 'interval' | 'comparison'> {
  readonly scored: readonly ScoredRow[];
}

async function measure(
  contender: Contender,
  inputs: readonly Fields[],
  references: readonly (readonly string[])[],
  metrics: readonly Metric[],
): Promise<Measured> {
  const seconds = () => performance.now() / 1000;
  const began = seconds();
  await using ready = await contender.prepare();
  const preparation = seconds() - began;
  await ready.answer(inputs.slice(0, 1)); // loads the model
  const from = seconds();
  const predictions = await ready.answer(inputs);
  const milliseconds = (1000 * (seconds() - from)) / inputs.length;
  const tokens = await ready.tokensOf(inputs);
  const scored = predictions.map((prediction, i) => ({ prediction, references: references[i]! }));
  const scores = metrics.map((metric) => [metric.name, metric.scorer(scored).of(allOf(scored))] as const);
  const { name, kind } = contender;
  return {
    ...{ name, kind, text: ready.text, scored, milliseconds, preparation, bytes: ready.bytes },
    score: scores[0]![1],
    scores: Object.fromEntries(scores),
    tokens: tokens.reduce((sum, count) => sum + count, 0) / tokens.length,
  };
}

function rowOf({ scored, ...row }: Measured, metric: Metric, best?: Measured): BenchmarkRow {
  const interval = bootstrapInterval(metric.scorer(scored), scored.length);
  return { ...row, interval, ...(best && { comparison: compareRuns(metric, best.scored, scored) }) };
}

/** The best of many prompts may be ahead by chance, so p-values are corrected for their number. */
function withHolm(rows: readonly BenchmarkRow[]): BenchmarkRow[] {
  const pValues = rows.flatMap(({ comparison }) => comparison?.pValue ?? []);
  const adjusted = holm(pValues)[Symbol.iterator]();
  return rows.map((row) =>
    row.comparison?.pValue === undefined
      ? row
      : { ...row, comparison: { ...row.comparison, pValue: adjusted.next().value! } },
  );
}

/** @throws UsageError for a metric that is unknown, or of something else than texts */
function textMetrics(names: readonly string[]): Metric[] {
  const metrics = resolveMetrics(names);
  const wrong = metrics.find(({ needs, hasInterval }) => needs !== 'texts' || !hasInterval);
  if (wrong)
    throw optionError(
      'metrics',
      say`"${wrong.name}" does not compare prompts by texts; take another, such as rouge-l`,
    );
  return metrics;
}

/** The best prompt of text; of equals the one that reads least. */
const bestText = (measured: readonly Measured[]): Measured =>
  measured
    .filter(({ kind }) => kind === 'text')
    .reduce((best, row) =>
      row.score > best.score || (row.score === best.score && row.tokens < best.tokens) ? row : best,
    );

async function readRows(data: Data, signal?: AbortSignal): Promise<DataRecord[]> {
  const opened = await openData(data, { signal });
  const records: DataRecord[] = [];
  try {
    for await (const record of opened) records.push(record);
  } finally {
    await opened.close();
  }
  if (records.length === 0)
    throw new PromptuneError(say`there are no rows to compare prompts on`, { code: 'invalid-data' });
  return records;
}

/** More are no labels, but texts. */
const mostLabels = 100;

async function labelsIn(records: readonly DataRecord[], labelField: string): Promise<string[]> {
  const labels = await readLabels(
    records.map(({ fields }) => fields),
    { labeled: 'text', labelField },
  );
  if (labels.length <= mostLabels) return labels;
  throw new UsageError(
    say`the field "${labelField}" has ${labels.length} different values, and prompts are compared on
      rows with a label; name the field of the label, or compare generated texts by \`metrics\`,
      such as rouge-l`,
    { code: 'invalid-data' },
  );
}

function labelOf(record: DataRecord, field: string): string {
  const label = scalarText(record.fields[field]);
  if (label !== undefined) return label;
  throw dataError(record, say`there is no label in the field "${field}"`);
}

function majorityOf(references: readonly string[]): { label: string; share: number } {
  const counts = new Map<string, number>();
  for (const label of references) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [label, count] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  return { label, share: count / references.length };
}
