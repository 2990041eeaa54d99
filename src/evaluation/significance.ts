/**
 * @file The uncertainty of scores, and whether two runs differ: bootstrap intervals (Efron 1979), and approximate
 *   randomization for pairs of runs (Noreen 1989; Riezler and Maxwell 2005). Both are fixed by their seed.
 */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { randomFor } from '../random.js';
import { allOf, type Metric, type ScoredRow, type Scorer } from './metrics/metric.js';

export interface ResamplingOptions {
  /** Number of bootstrap resamples per interval. Default 1000. */
  resamples?: number;
  /** Number of random exchanges per significance test. Default 10,000. */
  trials?: number;
  /** Fraction of resamples inside an interval. Default 0.95. */
  confidence?: number;
  /** Default 0. */
  seed?: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval with 95 % of the scores of resampled rows (percentile bootstrap): the score to expect on other rows of
 * the same kind. It does not account for the variance between training runs.
 */
export function bootstrapInterval(scorer: Scorer, rows: number, options: ResamplingOptions = {}): Interval {
  return intervalOf(rows, options, (indices) => scorer.of(indices));
}

export interface Comparison {
  /** The second run's score minus the first one's. */
  readonly difference: number;
  /** Of the difference, over resampled rows. Absent, as is the p-value, for metrics without intervals. */
  readonly interval?: Interval;
  /** How often a difference this large appears when each row's two outputs are swapped at random. */
  readonly pValue?: number;
}

/**
 * Compares two runs on the same rows, in the same order.
 * The p-value is (1 + exchanges with a difference at least as large) / (1 + exchanges), and so never 0.
 */
export function compareRuns(
  metric: Metric,
  a: readonly ScoredRow[],
  b: readonly ScoredRow[],
  options: ResamplingOptions = {},
): Comparison {
  const rows = a.length;
  // Both runs' rows are in one scorer, so that an exchange is just a choice of indices.
  const { of } = metric.scorer([...a, ...b]);
  const all = allOf(a);
  const second = all.map((index) => index + rows);
  const difference = of(second) - of(all);
  if (!metric.hasInterval) return { difference };

  const { trials = 10_000, seed = 0 } = options;
  const random = randomFor('exchange', seed);
  const [first, other] = [new Int32Array(rows), new Int32Array(rows)];
  let asLarge = 0;
  for (let trial = 0; trial < trials; trial++) {
    for (let i = 0; i < rows; i++) {
      const exchanged = uniformInt(random, 0, 1);
      first[i] = exchanged ? i + rows : i;
      other[i] = exchanged ? i : i + rows;
    }
    // Sums in a different order differ in their last digits.
    if (Math.abs(of(other) - of(first)) >= Math.abs(difference) * (1 - 1e-9)) asLarge++;
  }
  const interval = intervalOf(
    rows,
    options,
    (indices) => of(indices.map((index) => index + rows)) - of(indices),
  );
  return { difference, interval, pValue: (1 + asLarge) / (1 + trials) };
}

/**
 * P-values of several comparisons, each as it is when all are looked at: below a level, the chance that any of them is
 * below it by chance is at most that level (Holm 1979). The i-th smallest of m is multiplied by m - i + 1.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length);
  const ascending = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  let most = 0;
  for (const [rank, index] of ascending.entries()) {
    most = Math.max(most, Math.min(1, pValues[index]! * (pValues.length - rank)));
    adjusted[index] = most;
  }
  return adjusted;
}

function intervalOf(
  rows: number,
  { resamples = 1000, confidence = 0.95, seed = 0 }: ResamplingOptions,
  scoreOf: (indices: Int32Array) => number,
): Interval {
  const random = randomFor('bootstrap', seed);
  const scores = new Float64Array(resamples);
  const indices = new Int32Array(rows);
  for (let i = 0; i < resamples; i++) {
    for (let row = 0; row < rows; row++) indices[row] = uniformInt(random, 0, rows - 1);
    scores[i] = scoreOf(indices);
  }
  scores.sort();
  const tail = (1 - confidence) / 2;
  return { low: quantile(scores, tail), high: quantile(scores, 1 - tail) };
}

/** The quantile of sorted values, with linear interpolation (NumPy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}
