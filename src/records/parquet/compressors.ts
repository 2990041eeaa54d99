/** @file Decompresses pages of Parquet files; a separate file, since it is large and rarely needed. */
export { compressors, decompressZstd } from 'hyparquet-compressors';
