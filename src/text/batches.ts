/** @file Groups examples into batches so that little computation is padding. */
import { UsageError } from '../errors.js';
import { randomFor, shuffle, shuffledIndices } from '../random.js';
import { say } from '../say.js';

export interface EpochOptions {
  /** The number of tokens of each example. */
  tokenCounts: ArrayLike<number>;
  /** Examples of the same length are grouped by their number of labels. Default: they are not. */
  labelCounts?: ArrayLike<number>;
  /** Examples per batch. */
  batchSize: number;
  seed: number;
  /** Each epoch has its own order. Counts from 0. */
  epoch: number;
}

/**
 * The batches of one epoch, as lists of example indices: every example once, including one smaller batch of the rest.
 * Examples are shuffled and cut into windows; each window is sorted by length and cut into batches, which are shuffled.
 * The window is that of transformers' LengthGroupedSampler, 50 batches, but at most a quarter of the data: otherwise a
 * small data set would have the same batches in every epoch.
 */
export function planEpoch({ tokenCounts, labelCounts, batchSize, seed, epoch }: EpochOptions): number[][] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UsageError(say`batchSize is ${batchSize}, expected a whole number, at least 1`);
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
 * The share of padding, from 0 to 1, if every row is as long as the longest of its batch.
 * @param parts the number of tokens of each example; several, if an example has rows of several kinds
 */
export function paddingShare(
  parts: readonly ArrayLike<number>[],
  batches: readonly (readonly number[])[],
): number {
  let real = 0;
  let computed = 0;
  for (const tokenCounts of parts)
    for (const batch of batches) {
      const lengths = batch.map((index) => tokenCounts[index]!);
      real += lengths.reduce((sum, length) => sum + length, 0);
      computed += batch.length * Math.max(...lengths);
    }
  return computed === 0 ? 0 : 1 - real / computed;
}
