/** @file Prompts of text and learned prompts on the same rows: what each gains, and what each costs. */
import { PromptuneError, UsageError } from '../errors.js';
import { accuracy } from '../evaluation/metrics/accuracy.js';
import { allOf, type ScoredRow } from '../evaluation/metrics/metric.js';
import {
  bootstrapInterval,
  type Comparison,
  compareRuns,
  type Interval,
} from '../evaluation/significance.js';
import type { LanguageModel } from '../models/model.js';
import { type Data, openData } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { parseOptions } from '../schema-problems.js';
import { scalarText } from '../text/fields.js';
import { readLabels } from '../text/labeled.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { TrainingEvent } from '../training/events.js';
import { adviceOn } from './advice.js';
import { type BenchmarkConfig, settingsSchema } from './config.js';
import { type Contender, contendersOf } from './contenders.js';

/** What to compare, on which rows; see `benchmarkSchema`. */
export interface BenchmarkOptions extends Omit<BenchmarkConfig, 'data' | 'test'> {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** Labeled rows to learn from. */
  data: Data;
  /** Labeled rows to measure on, none of which should be in `data`. */
  test: Data;
  signal?: AbortSignal;
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
  /** Share of right labels, and where it lies on other rows of the kind (95 %). */
  readonly accuracy: number;
  readonly interval: Interval;
  /** Compared with the best prompt of text; absent for that one. */
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
  /** The most common label of the rows that are measured, and its share: what a constant answer reaches. */
  readonly majority: { readonly label: string; readonly share: number };
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
  const labels = await labelsIn([...rows, ...test], labelField);
  const verbalizer = config.verbalizer ?? Object.fromEntries(labels.map((label) => [label, label]));
  const references = test.map((record) => labelOf(record, labelField));
  const contenders = contendersOf({
    ...{ ...config, model, tokenizer, verbalizer, signal },
    rows: rows.map(({ fields }) => fields),
    onEvent: (event) => onEvent({ type: 'training', event }),
  });
  const inputs = test.map(({ fields }) => fields);
  const measured: Measured[] = [];
  for (const [i, contender] of contenders.entries()) {
    signal?.throwIfAborted();
    onEvent({ type: 'contender', name: contender.name, number: i + 1, count: contenders.length });
    const found = await measure(contender, inputs, references);
    measured.push(found);
    onEvent({ type: 'result', row: rowOf(found) });
  }
  const best = bestText(measured);
  const result = {
    model: model.name,
    learned: rows.length,
    measured: test.length,
    majority: majorityOf(references),
    rows: measured.map((found) => rowOf(found, found === best ? undefined : best)),
  };
  return { ...result, advice: adviceOn(result) };
}

interface Measured extends Omit<BenchmarkRow, 'interval' | 'comparison'> {
  readonly scored: readonly ScoredRow[];
}

async function measure(
  contender: Contender,
  inputs: readonly Fields[],
  references: readonly string[],
): Promise<Measured> {
  const seconds = () => performance.now() / 1000;
  const began = seconds();
  await using ready = await contender.prepare();
  const preparation = seconds() - began;
  await ready.classify(inputs.slice(0, 1)); // loads the model
  const from = seconds();
  const predictions = await ready.classify(inputs);
  const milliseconds = (1000 * (seconds() - from)) / inputs.length;
  const tokens = await ready.tokensOf(inputs);
  const scored = predictions.map((prediction, i) => ({ prediction, references: [references[i]!] }));
  const { name, kind } = contender;
  return {
    ...{ name, kind, scored, milliseconds, preparation, bytes: ready.bytes },
    accuracy: accuracy.scorer(scored).of(allOf(scored)),
    tokens: tokens.reduce((sum, count) => sum + count, 0) / tokens.length,
  };
}

function rowOf({ scored, ...row }: Measured, best?: Measured): BenchmarkRow {
  const interval = bootstrapInterval(accuracy.scorer(scored), scored.length);
  return { ...row, interval, ...(best && { comparison: compareRuns(accuracy, best.scored, scored) }) };
}

/** The most accurate prompt of text; of equals the one that reads least. */
const bestText = (measured: readonly Measured[]): Measured =>
  measured
    .filter(({ kind }) => kind === 'text')
    .reduce((best, row) =>
      row.accuracy > best.accuracy || (row.accuracy === best.accuracy && row.tokens < best.tokens)
        ? row
        : best,
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
    throw new PromptuneError('there are no rows to compare prompts on', { code: 'invalid-data' });
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
    `the field "${labelField}" has ${labels.length} different values, and prompts are compared on rows with a label; ` +
      'name the field of the label, or evaluate metrics of generated texts instead',
    { code: 'invalid-data' },
  );
}

function labelOf(record: DataRecord, field: string): string {
  const label = scalarText(record.fields[field]);
  if (label !== undefined) return label;
  throw dataError(record, `there is no label in the field "${field}"`);
}

function majorityOf(references: readonly string[]): { label: string; share: number } {
  const counts = new Map<string, number>();
  for (const label of references) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [label, count] = [...counts].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
  return { label, share: count / references.length };
}
