/**
 * @file What a metric is: a function from rows of predictions and references to a number, for any selection of rows.
 */

/** A row to score. */
export interface ScoredRow {
  readonly prediction: string;
  /** The right answers: one or more texts, or one label. */
  readonly references: readonly string[];
  /** Probability of every label, if labels were predicted. */
  readonly probabilities?: Readonly<Record<string, number>>;
}

export interface Metric {
  readonly name: string;
  /** What it compares: generated texts, labels, or the probabilities of labels. */
  readonly needs: 'texts' | 'labels' | 'probabilities';
  readonly better: 'higher' | 'lower';
  /** The perfect score in the reference implementation; 0 if there is none. */
  readonly scale: 0 | 1 | 100;
  /** Whether resampling gives an interval: false for scores that are not functions of sums over rows. */
  readonly hasInterval: boolean;
  /** Settings in the words of the reference implementation. */
  signature(rows: readonly ScoredRow[]): string;
  scorer(rows: readonly ScoredRow[]): Scorer;
}

/** Scores any selection of rows, whose statistics are computed once. */
export interface Scorer {
  /** The score of the rows at these indices, which may repeat. */
  of(indices: ArrayLike<number>): number;
  /** The score of one row; absent if single rows have none. */
  row?(index: number): number;
}

/** The indices of all rows. */
export const allOf = (rows: { readonly length: number }): number[] =>
  Array.from(rows as ArrayLike<unknown>, (_, i) => i);

/**
 * Creates a scorer for a score that is a function of sums over rows, as nearly all are.
 * @param statistics numbers per row, equally many for each
 * @param score the score from their sums
 */
export function summed(
  statistics: readonly ArrayLike<number>[],
  score: (sums: Float64Array) => number,
): Scorer & { row(index: number): number } {
  const width = statistics[0]?.length ?? 0;
  const flat = new Float64Array(statistics.length * width);
  for (const [row, values] of statistics.entries()) flat.set(Array.from(values), row * width);
  const of = (indices: ArrayLike<number>) => {
    const sums = new Float64Array(width);
    for (let i = 0; i < indices.length; i++) {
      const start = indices[i]! * width;
      for (let k = 0; k < width; k++) sums[k]! += flat[start + k]!;
    }
    return score(sums);
  };
  return { of, row: (index) => of([index]) };
}

/** Creates a scorer for a score that is the mean of its rows' scores. */
export function averaged(scores: readonly number[]): Scorer {
  return summed(
    scores.map((score) => [score, 1]),
    ([sum, count]) => sum! / count!,
  );
}
