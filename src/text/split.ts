/** @file Splits a data set into training and validation examples. */
import { UsageError } from '../errors.js';
import { randomFor, shuffledIndices } from '../random.js';
import { say } from '../say.js';
import { type Dataset, subsetOf } from './dataset.js';

/**
 * Draws the validation examples at random. Both parts keep the order of `dataset` and read from it (dispose of that
 * one).
 *
 * @param options.validation a fraction of the examples if below 1 (rounded, at least one), else their number
 * @param options.seed the same seed gives the same split
 * @throws UsageError if `validation` does not leave at least one example on each side
 */
export function splitDataset(
  dataset: Dataset,
  options: { validation: number; seed: number },
): { train: Dataset; validation: Dataset } {
  const { train, validation } = splitIndices(dataset.length, options);
  return { train: subsetOf(dataset, train), validation: subsetOf(dataset, validation) };
}

/** The same for `length` examples, as indices in ascending order. */
export function splitIndices(
  length: number,
  { validation, seed }: { validation: number; seed: number },
): { train: number[]; validation: number[] } {
  if (length < 2) throw new UsageError(say`there is one example, and validation takes one more; add rows`);
  const count = validation < 1 ? Math.max(1, Math.round(validation * length)) : validation;
  if (!(validation > 0) || !Number.isInteger(count) || count >= length) {
    const expected = say`a fraction between 0 and 1, or a number from 1 to ${length - 1}`;
    throw new UsageError(
      say`validation is ${validation} of ${length} example|examples, expected ${expected}`,
    );
  }
  const order = shuffledIndices(length, randomFor('split', seed));
  const ascending = (a: number, b: number) => a - b;
  return { train: order.slice(count).sort(ascending), validation: order.slice(0, count).sort(ascending) };
}
