/** @file What the lengths of a data set's rows say about how its graph is best written. */
import type { LanguageModel } from '../models/model.js';
import { paddingShare, planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';

export interface RowLengths {
  /** Tokens of the longest row. */
  readonly longest: number;
  /** The share of padding in batches: 0 to 1. With an encoder: in its rows and the decoder's together. */
  readonly padding: number;
}

/**
 * The lengths of a run's rows.
 * @param validation its rows are read in the same graph, but not often
 * @param options.hasEncoder whether the model's encoder reads the tokens before the labels, and its decoder the others
 */
export function rowLengthsOf(
  dataset: Dataset,
  validation: Dataset | undefined,
  { batchSize, seed, hasEncoder }: { batchSize: number; seed: number; hasEncoder: boolean },
): RowLengths {
  const parts = (rows: Dataset) => partsOf(rows, hasEncoder);
  const counts = [...parts(dataset), ...(validation ? parts(validation) : [])];
  return {
    longest: Math.max(0, ...counts.map(longestOf)),
    padding: paddingShare(parts(dataset), planEpoch({ ...dataset, batchSize, seed, epoch: 0 })),
  };
}

/** The tokens that each example has in each of the model's stacks. */
function partsOf({ tokenCounts, labelCounts }: Dataset, hasEncoder: boolean): Int32Array[] {
  return hasEncoder ? [tokenCounts.map((count, i) => count - labelCounts[i]!), labelCounts] : [tokenCounts];
}

const longestOf = (counts: Int32Array) => counts.reduce((longest, count) => Math.max(longest, count), 0);

/**
 * The share of padding from which it is left out of linear layers and norms. A step gets shorter by nearly that share;
 * to move queries, keys and values to where attention has them costs half a percent (bench/parts/row-lengths.ts).
 */
export const paddingWorthSkipping = 0.03;

/**
 * Of rows of which nothing is known. Where they are short and equally long, to be prepared for others costs 2 to 3 % of
 * a loss without gradients; otherwise it saves the share of padding, or the memory of long rows.
 */
export const unknownRows = ({ config: { maxPositions } }: LanguageModel): RowLengths => ({
  longest: maxPositions,
  padding: paddingWorthSkipping,
});
