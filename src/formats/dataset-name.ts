/** @file Names of data sets on the Hugging Face Hub, as opposed to paths. */

const prefix = 'hf:';

/** Whether a path names a data set of the Hugging Face Hub: `hf:owner/name`. */
export const isDatasetName = (path: string): boolean => path.startsWith(prefix);

/** The name without `hf:`. */
export const withoutPrefix = (name: string): string => name.slice(prefix.length);
