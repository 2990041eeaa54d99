/**
 * @file Data sets that are given by name: whoever can fetch them says so here, since no file of records knows the
 * Hub.
 */
import { UsageError } from '../errors.js';

/** From `hf:owner/name` to the paths of its files, in order. */
export type FindDataset = (name: string, options: { signal?: AbortSignal }) => Promise<readonly string[]>;

let find: FindDataset = async (name) => {
  throw new UsageError(`the data set "${name}" cannot be downloaded here; use a file`, { code: 'not-found' });
};

/** From now on, names of data sets are looked up by `finder`. */
export function findDatasetsBy(finder: FindDataset): void {
  find = finder;
}

export const findDataset: FindDataset = (name, options) => find(name, options);
