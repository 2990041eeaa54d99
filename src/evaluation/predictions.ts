/** @file Files of predictions with one JSON object per row: prompt, prediction and references. */
import * as z from 'zod';
import { FileError, UsageError } from '../errors.js';
import { writeFileAtomic } from '../formats/files.js';
import { Numeral } from '../formats/numeral.js';
import { dataError } from '../records/data-error.js';
import { openRecords } from '../records/records.js';
import { said, say } from '../say.js';
import type { Evaluation } from './evaluate.js';
import type { Metric, ScoredRow } from './metrics/metric.js';
import { resolveMetrics } from './metrics/registry.js';
import { type Comparison, compareRuns, type ResamplingOptions } from './significance.js';

/**
 * Writes an evaluation's rows: `row` (from 1), `place`, `prompt`, `references`, `prediction`, `probabilities` of labels
 * and `scores`; and under `untuned` the same for the model without the adapter, if that was evaluated on the same data.
 */
export async function writePredictions(
  path: string,
  { rows }: Evaluation,
  untuned?: Evaluation,
): Promise<void> {
  const lines = rows.map(({ messages: _, ...row }, i) => {
    const without = untuned?.rows[i];
    const line = {
      row: i + 1,
      ...row,
      ...(without && {
        untuned: {
          prediction: without.prediction,
          probabilities: without.probabilities,
          scores: without.scores,
        },
      }),
    };
    return `${JSON.stringify(line)}\n`;
  });
  await writeFileAtomic(path, lines.join(''));
}

export interface PredictedRow extends ScoredRow {
  readonly prompt?: string;
  readonly scores?: Readonly<Record<string, number>>;
}

const number = z.preprocess((value) => (value instanceof Numeral ? Number(value) : value), z.number());

const rowSchema = z.object({
  prompt: z.string().optional(),
  prediction: z.string(),
  references: z.array(z.string()).min(1),
  probabilities: z.record(z.string(), number).optional(),
  scores: z.record(z.string(), number).optional(),
});

/** Reads a file of predictions. Throws a FileError with the line of an invalid row. */
export async function readPredictions(path: string): Promise<PredictedRow[]> {
  const records = await openRecords(path);
  try {
    const rows: PredictedRow[] = [];
    for await (const record of records) {
      const { data, error } = rowSchema.safeParse(record.fields);
      if (!data) {
        const { path: place, message } = error.issues[0]!;
        throw dataError(
          record,
          say`expected a row of predictions, as an evaluation writes them: ${place.join('.')}:
            ${said(message)}`,
        );
      }
      rows.push(data);
    }
    return rows;
  } finally {
    await records.close();
  }
}

export interface ComparedMetric extends Comparison {
  readonly name: string;
  readonly first: number;
  readonly second: number;
}

/**
 * Compares two files of predictions on the same rows.
 * @param metrics names or your own metrics. Default: those that rows of the first file have scores of
 * @throws FileError if the files have different rows, UsageError for a metric that does not fit them
 */
export async function comparePredictions(
  [first, second]: readonly [string, string],
  metrics: readonly (string | Metric)[] | undefined,
  resampling?: ResamplingOptions,
): Promise<{ rows: number; metrics: ComparedMetric[] }> {
  const [a, b] = [await readPredictions(first), await readPredictions(second)];
  if (a.length !== b.length)
    throw new FileError(
      second,
      undefined,
      say`expected ${a.length} row|rows as in ${first}, found ${b.length}; compare runs on the same data`,
    );
  for (const [i, { prompt, references }] of a.entries()) {
    const other = b[i]!;
    if (prompt !== other.prompt || references.join('\n') !== other.references.join('\n'))
      throw new FileError(
        second,
        say`line ${i + 1}`,
        say`its row of data differs from that line of ${first}; compare runs on the same data`,
      );
  }
  const chosen = resolveMetrics(metrics ?? Object.keys(a[0]!.scores ?? {}));
  if (chosen.length === 0) throw new UsageError(say`${first} has no scores to compare; name metrics`);
  for (const metric of chosen) checkRows(metric, [...a, ...b]);
  return {
    rows: a.length,
    metrics: chosen.map((metric) => {
      const { of } = metric.scorer(a);
      const comparison = compareRuns(metric, a, b, resampling);
      const value = of(a.map((_, i) => i));
      return { name: metric.name, first: value, second: value + comparison.difference, ...comparison };
    }),
  };
}

function checkRows({ name, needs }: Metric, rows: readonly ScoredRow[]): void {
  const haveLabels = rows.every(({ probabilities }) => probabilities !== undefined);
  if (haveLabels === (needs !== 'texts')) return;
  throw new UsageError(
    needs === 'texts'
      ? say`the metric "${name}" compares texts, but the predictions are labels`
      : say`the metric "${name}" is for labels, but the predictions are texts`,
  );
}
