/** @file Data sets of the Hub on the command line: fetched before a command begins, so that the progress can be seen. */
import { isDatasetName } from '../../formats/dataset-name.js';
import { resolveDataset } from '../../hub/index.js';
import { formatBytes } from '../terminal/format.js';
import { progressLine } from '../terminal/progress-line.js';

/** Downloads those of `paths` that name a data set (`hf:owner/name`) and are not in the cache. */
export async function fetchDatasets(
  paths: readonly unknown[],
  options: { offline?: boolean; signal: AbortSignal },
): Promise<void> {
  const line = progressLine();
  try {
    for (const path of paths)
      if (typeof path === 'string' && isDatasetName(path))
        await resolveDataset(path, {
          ...options,
          onProgress: ({ file, loadedBytes, totalBytes }) =>
            line.show(`${file}: ${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`),
        });
  } finally {
    line.clear();
  }
}
