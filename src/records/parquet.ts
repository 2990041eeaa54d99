/**
 * @file Records of a Parquet file. With parquet-values.ts the only one that imports hyparquet.
 * Columns lie together in it, a group of rows at a time, so one group is in memory while its records are read.
 */

import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { OpenFile } from '#platform';
import { FileError } from '../errors.js';
import { parsers, plainValue, withStoredValues } from './parquet-values.js';
import type { Fields } from './record-formats.js';
import type { DataRecord, RecordFile } from './records.js';

/** Takes the open file over. Throws a FileError where it is not Parquet, is damaged, or has no rows. */
export async function openParquet(handle: OpenFile, path: string): Promise<RecordFile> {
  const explained = <T>(read: Promise<T>): Promise<T> =>
    read.catch((cause) => {
      const problem = `it cannot be read as Parquet: ${(cause as Error).message}; fetch or write the file again`;
      throw new FileError(path, undefined, problem, { cause });
    });
  try {
    const file = await asyncBuffer(handle);
    const original = await explained(parquetMetadataAsync(file));
    const metadata = withStoredValues(original);
    const schema = parquetSchema(original);
    const ends: number[] = []; // of each group, in rows
    for (const group of metadata.row_groups) ends.push((ends.at(-1) ?? 0) + Number(group.num_rows));
    const length = ends.at(-1) ?? 0;
    if (length === 0)
      throw new FileError(path, undefined, 'the data set is empty: the file has columns but no rows');

    let kept: { number: number; rows: Promise<Fields[]> } | undefined;
    const rowsOf = (number: number): Promise<Fields[]> => {
      if (kept?.number !== number) {
        const range = { rowStart: ends[number - 1] ?? 0, rowEnd: ends[number]! };
        const rows = explained(parquetReadObjects({ file, metadata, compressors, parsers, ...range }));
        kept = { number, rows: rows.then((found) => found.map((row) => plainValue(row, schema) as Fields)) };
      }
      return kept.rows;
    };
    const recordOf = (index: number, fields: Fields): DataRecord => ({
      path,
      place: `row ${index + 1}`,
      fields,
    });
    return {
      path,
      length,
      async get(index) {
        if (!Number.isInteger(index) || index < 0 || index >= length)
          throw new RangeError(`record ${index} of ${length} does not exist`);
        const group = ends.findIndex((end) => index < end);
        return recordOf(index, (await rowsOf(group))[index - (ends[group - 1] ?? 0)]!);
      },
      async *[Symbol.asyncIterator]() {
        for (const group of ends.keys())
          for (const [i, fields] of (await rowsOf(group)).entries())
            yield recordOf((ends[group - 1] ?? 0) + i, fields);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function asyncBuffer(handle: OpenFile): Promise<AsyncBuffer> {
  const size = await handle.size();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(Math.max(0, end - start));
      if ((await handle.read(bytes, start)) < bytes.length) throw new Error('it ends too early');
      return bytes.buffer;
    },
  };
}
