/** @file Confusion matrices, of which macro F1 and MCC are functions. */
import { type ScoredRow, type Scorer, summed } from './metric.js';

export interface Confusion {
  /** In alphabetical order, unless given. */
  readonly labels: readonly string[];
  /** Number of rows by right label (outer index) and predicted label. */
  readonly counts: readonly (readonly number[])[];
}

export function confusionOf(rows: readonly ScoredRow[], labels = labelsIn(rows)): Confusion {
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const counts = labels.map(() => labels.map(() => 0));
  for (const { prediction, references } of rows)
    counts[numbers.get(references[0]!)!]![numbers.get(prediction)!]!++;
  return { labels, counts };
}

function labelsIn(rows: readonly ScoredRow[]): string[] {
  return [...new Set(rows.flatMap(({ prediction, references }) => [prediction, references[0]!]))].sort();
}

/** Per label: rows that have it, rows predicted as it, and rows with both. */
export interface LabelCounts {
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
  readonly right: Float64Array;
}

/** A scorer for a score that is a function of those counts. */
export function countedScorer(rows: readonly ScoredRow[], score: (counts: LabelCounts) => number): Scorer {
  const labels = labelsIn(rows);
  const numbers = new Map(labels.map((label, i) => [label, i]));
  const size = labels.length;
  const statistics = rows.map(({ prediction, references }) => {
    const [actual, predicted] = [numbers.get(references[0]!)!, numbers.get(prediction)!];
    const counts = new Float64Array(3 * size);
    counts[actual] = 1;
    counts[size + predicted] = 1;
    if (actual === predicted) counts[2 * size + actual] = 1;
    return counts;
  });
  const { of } = summed(statistics, (sums) =>
    score({
      actual: sums.subarray(0, size),
      predicted: sums.subarray(size, 2 * size),
      right: sums.subarray(2 * size),
    }),
  );
  return { of };
}
