/** @file Which examples go together in a batch, so that little of what is computed is padding. */
import { UsageError } from '../errors.js';
import { randomFor, shuffle, shuffledIndices } from '../random.js';

export interface EpochOptions {
  /** The number of tokens of every example. */
  tokenCounts: ArrayLike<number>;
  /** Among examples of the same length, those with alike numbers of labels go together. Default: no difference. */
  labelCounts?: ArrayLike<number>;
  /** Examples a batch. */
  batchSize: number;
  seed: number;
  /** Every epoch has an order of its own. Counts from 0. */
  epoch: number;
}

/**
 * The batches of one epoch, as lists of example indices: every example once, the one smaller batch of the rest
 * included. The examples are shuffled and cut into windows, those of a window sorted by length and cut into batches,
 * and the batches shuffled. The window is that of transformers' LengthGroupedSampler: 50 batches, but a quarter of
 * the data at most, for a batch must not meet the same company in every epoch.
 */
export function planEpoch({ tokenCounts, labelCounts, batchSize, seed, epoch }: EpochOptions): number[][] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UsageError(`batchSize is ${batchSize}, expected a whole number, at least 1`);
  }
  const random = randomFor('epoch', seed, epoch);
  const order = shuffledIndices(tokenCounts.length, random);
  const windowSize = batchSize * Math.max(1, Math.min(50, Math.floor(order.length / (4 * batchSize))));
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += windowSize) {
    const window = order
      .slice(start, start + windowSize)
      .sort(
        (a, b) => tokenCounts[b]! - tokenCounts[a]! || (labelCounts ? labelCounts[b]! - labelCounts[a]! : 0),
      );
    for (let i = 0; i < window.length; i += batchSize) batches.push(window.slice(i, i + batchSize));
  }
  shuffle(batches, random);
  return batches;
}

/**
 * The share of padding in what is computed for `batches`, where every row is as long as its batch's longest: 0 to 1.
 */
export function paddingShare(
  tokenCounts: ArrayLike<number>,
  batches: readonly (readonly number[])[],
): number {
  let real = 0;
  let computed = 0;
  for (const batch of batches) {
    const lengths = batch.map((index) => tokenCounts[index]!);
    real += lengths.reduce((sum, length) => sum + length, 0);
    computed += batch.length * Math.max(...lengths);
  }
  return computed === 0 ? 0 : 1 - real / computed;
}
