/** @file What unpacks pages of Parquet files, in a file of its own: it is large, and few pages need it. */
export { compressors, decompressZstd } from 'hyparquet-compressors';
