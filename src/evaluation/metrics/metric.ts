/**
 * @file What a metric is: from rows with predictions and references to one number, of all rows or of any choice of
 * them.
 */

/** What an evaluated row is scored by. */
export interface ScoredRow {
  readonly prediction: string;
  /** What would have been right: one text or several; one label, where labels were predicted. */
  readonly references: readonly string[];
  /** Of every label, where labels were predicted. */
  readonly probabilities?: Readonly<Record<string, number>>;
}

export interface Metric {
  readonly name: string;
  /** What it compares: texts that were generated, labels, or the probabilities of labels. */
  readonly needs: 'texts' | 'labels' | 'probabilities';
  readonly better: 'higher' | 'lower';
  /** What a perfect score is counted as by the implementation that it agrees with; 0: there is no such number. */
  readonly scale: 0 | 1 | 100;
  /** False for what is no sum over rows, so that resampled rows do not tell how far it may be off. */
  readonly hasInterval: boolean;
  /** Settings in the words of the implementation that it agrees with. */
  signature(rows: readonly ScoredRow[]): string;
  scorer(rows: readonly ScoredRow[]): Scorer;
}

/** The scores of rows that were counted once. */
export interface Scorer {
  /** The score of the rows at these indices; a row counts as often as it is among them. */
  of(indices: ArrayLike<number>): number;
  /** The score of one row; absent where one row by itself has none. */
  row?(index: number): number;
}

/** The indices of all rows. */
export const allOf = (rows: { readonly length: number }): number[] =>
  Array.from(rows as ArrayLike<unknown>, (_, i) => i);

/**
 * A scorer for a score that is a function of sums over rows, as nearly all are.
 * @param statistics numbers of each row, as many for each
 * @param score of their sums
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

/** A scorer for a score that is the mean of its rows' scores. */
export function averaged(scores: readonly number[]): Scorer {
  return summed(
    scores.map((score) => [score, 1]),
    ([sum, count]) => sum! / count!,
  );
}
