/** @file What the lengths of a data set's rows say about how its graph is best written. */
import { paddingShare, planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';

export interface RowLengths {
  /** Tokens of the longest row. */
  readonly longest: number;
  /** The share of padding in batches: 0 to 1. */
  readonly padding: number;
}

/**
 * The lengths of a run's rows.
 * @param validation its rows are read in the same graph, but not often
 */
export function rowLengthsOf(
  dataset: Dataset,
  validation: Dataset | undefined,
  { batchSize, seed }: { batchSize: number; seed: number },
): RowLengths {
  const longestOf = ({ tokenCounts }: Dataset) =>
    tokenCounts.reduce((longest, count) => Math.max(longest, count), 0);
  return {
    longest: Math.max(longestOf(dataset), validation ? longestOf(validation) : 0),
    padding: paddingShare(dataset.tokenCounts, planEpoch({ ...dataset, batchSize, seed, epoch: 0 })),
  };
}

/**
 * The share of padding from which it is left out of linear layers and norms. A step gets shorter by nearly that share;
 * to move queries, keys and values to where attention has them costs half a percent (bench/parts/row-lengths.ts).
 */
export const paddingWorthSkipping = 0.03;
