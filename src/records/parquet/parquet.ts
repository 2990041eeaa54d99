/**
 * @file Records of a Parquet file. It stores row groups column by column, so one group is in memory while its records
 *   are read.
 */
import type { OpenFile } from '#platform';
import { FileError } from '../../errors.js';
import { systemErrorCode } from '../../formats/files.js';
import { say } from '../../say.js';
import type { Fields } from '../record-formats.js';
import type { DataRecord, RecordFile } from '../records.js';
import { type Column, readColumn } from './columns.js';
import { type Metadata, ParquetError, readMetadata } from './metadata.js';
import { rowsOf } from './rows.js';

/** Takes ownership of the open file. Throws a FileError if it is not Parquet, is damaged, or has no rows. */
export async function openParquet(
  handle: OpenFile,
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<RecordFile> {
  try {
    const metadata = await explained(path, undefined, () => readMetadata(handle));
    return recordFile(handle, path, metadata, options.signal);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function recordFile(handle: OpenFile, path: string, metadata: Metadata, signal?: AbortSignal): RecordFile {
  const ends: number[] = []; // index behind the last row of each group
  for (const group of metadata.groups) ends.push((ends.at(-1) ?? 0) + group.rows);
  const length = ends.at(-1) ?? 0;
  if (length === 0)
    throw new FileError(path, undefined, say`the data set is empty: the file has columns but no rows`);

  let kept: { number: number; rows: Promise<Fields[]> } | undefined;
  const rowsOfGroup = (number: number): Promise<Fields[]> => {
    if (kept?.number !== number) kept = { number, rows: readGroup(handle, path, metadata, number, signal) };
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
      return recordOf(index, (await rowsOfGroup(group))[index - (ends[group - 1] ?? 0)]!);
    },
    async *[Symbol.asyncIterator]() {
      for (const group of ends.keys())
        for (const [i, fields] of (await rowsOfGroup(group)).entries())
          yield recordOf((ends[group - 1] ?? 0) + i, fields);
    },
    close: () => handle.close(),
  };
}

async function readGroup(
  handle: OpenFile,
  path: string,
  { root, leaves, groups }: Metadata,
  number: number,
  signal?: AbortSignal,
): Promise<Fields[]> {
  const { rows, chunks } = groups[number]!;
  const place = say`row group ${number + 1}`;
  const columns: Column[] = [];
  for (const [i, leaf] of leaves.entries()) {
    signal?.throwIfAborted();
    const columnPlace = say`${place}, column ${JSON.stringify(leaf.path)}`;
    columns.push(await explained(path, columnPlace, () => readColumn(handle, chunks[i]!, leaf)));
  }
  return explained(path, place, async () => rowsOf(root, columns, rows));
}

/** Turns faults of the file into a FileError with their place. */
async function explained<T>(path: string, place: string | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (systemErrorCode(cause)) throw cause;
    const where = cause instanceof ParquetError ? (cause.place ?? place) : place;
    const problem = say`it cannot be read as Parquet: ${(cause as Error).message}; fetch or write the file again`;
    throw new FileError(path, where, problem, { cause });
  }
}
