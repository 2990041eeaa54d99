/** @file Names of data sets that are not paths. */

const prefix = 'hf:';

/** Whether a path is meant as the name of a data set of the Hugging Face Hub: `hf:owner/name`. */
export const isDatasetName = (path: string): boolean => path.startsWith(prefix);

/** The name without what marks it as one. */
export const withoutPrefix = (name: string): string => name.slice(prefix.length);
