/** @file Stands for the package `hyparquet-compressors` in the worker, which fetches it when it is needed. */
import { browserFiles } from './told-files.js';

export const { compressors, decompressZstd } = (await import(
  browserFiles().compressors
)) as typeof import('../records/parquet/compressors.js');
