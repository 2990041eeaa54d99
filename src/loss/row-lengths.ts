/** @file What the rows of a data set say about how its graph is best written. */
import { sharedVectors } from '../attach/text-inputs.js';
import type { LanguageModel } from '../models/model.js';
import { paddingShare, planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';

export interface RowLengths {
  /** Tokens of the longest row. */
  readonly longest: number;
  /** The share of padding in batches: 0 to 1. With an encoder: in its rows and the decoder's together. */
  readonly padding: number;
  /**
   * The share of the positions of batches, padding included, at which a row has still the same tokens as an earlier one
   * of its batch. Default: 0
   */
  readonly repetition?: number;
}

/** The batches whose tokens are compared to see how alike they begin. */
const comparedBatches = 64;

/**
 * The lengths of a run's rows, and how alike they begin.
 * @param validation its rows are read in the same graph, but not often
 * @param options.hasEncoder whether the model's encoder reads the tokens before the labels, and its decoder the others
 */
export async function rowLengthsOf(
  dataset: Dataset,
  validation: Dataset | undefined,
  { batchSize, seed, hasEncoder }: { batchSize: number; seed: number; hasEncoder: boolean },
): Promise<RowLengths> {
  const parts = (rows: Dataset) => partsOf(rows, hasEncoder);
  const counts = [...parts(dataset), ...(validation ? parts(validation) : [])];
  const batches = planEpoch({ ...dataset, batchSize, seed, epoch: 0 });
  return {
    longest: Math.max(0, ...counts.map(longestOf)),
    padding: paddingShare(parts(dataset), batches),
    repetition: hasEncoder ? 0 : await repetitionIn(dataset, batches.slice(0, comparedBatches)),
  };
}

async function repetitionIn(dataset: Dataset, batches: readonly (readonly number[])[]): Promise<number> {
  let [positions, repeated] = [0, 0];
  for (const batch of batches) {
    const examples = await Promise.all(batch.map((index) => dataset.get(index)));
    const texts = examples.flatMap(({ inputIds, rejected }) =>
      rejected ? [inputIds, rejected.inputIds] : [inputIds],
    );
    positions += texts.length * Math.max(...texts.map(({ length }) => length));
    const tokens = texts.reduce((sum, { length }) => sum + length, 0);
    repeated += tokens - sharedVectors(texts).places.length;
  }
  return positions === 0 ? 0 : repeated / positions;
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
 * The share of repetition from which what rows begin with alike is computed once. A step gets shorter by two thirds of
 * that share and more; without any repetition it takes as long (bench/parts/row-lengths.ts).
 */
export const repetitionWorthSharing = 0.03;

/**
 * Of rows of which nothing is known. Where they are short, equally long and all different, to be prepared for others
 * costs 2 to 3 % of a loss without gradients; otherwise it saves the share of padding and repetition, or the memory of
 * long rows.
 */
export const unknownRows = ({ config: { maxPositions } }: LanguageModel): RowLengths => ({
  longest: maxPositions,
  padding: paddingWorthSkipping,
  repetition: repetitionWorthSharing,
});
