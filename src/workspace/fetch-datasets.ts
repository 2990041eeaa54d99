/** @file Downloads data sets of the Hub before the work starts, to show progress. */
import { isDatasetName } from '../formats/dataset-name.js';
import { type ResolveModelOptions, resolveDataset } from '../hub/index.js';

/**
 * Downloads those of `paths` that name a data set (`hf:owner/name`) and are not in the cache.
 * @throws what `resolveDataset` throws
 */
export async function fetchDatasets(
  paths: readonly unknown[],
  options: Pick<ResolveModelOptions, 'offline' | 'signal' | 'onProgress'>,
): Promise<void> {
  for (const path of paths)
    if (typeof path === 'string' && isDatasetName(path)) await resolveDataset(path, options);
}
