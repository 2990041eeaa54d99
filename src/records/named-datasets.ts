/** @file Data sets by name. Code that can download them registers here, since this folder does not know the Hub. */
import { UsageError } from '../errors.js';
import { say } from '../say.js';

/** Maps `hf:owner/name` to the paths of its files, in order. */
export type FindDataset = (name: string, options: { signal?: AbortSignal }) => Promise<readonly string[]>;

let find: FindDataset = async (name) => {
  throw new UsageError(say`the data set "${name}" cannot be downloaded here; use a file`, {
    code: 'not-found',
  });
};

/** Makes `finder` look up the names of data sets from now on. */
export function findDatasetsBy(finder: FindDataset): void {
  find = finder;
}

export const findDataset: FindDataset = (name, options) => find(name, options);
