/** @file Data as values: rows in memory, a stream of rows, or files; and how all of them are read. */
import { optionError, PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { Origin } from './data-error.js';
import type { Fields } from './record-formats.js';
import { type DataRecord, joinRecords, openRecords, type Records } from './records.js';
import type { ReadOptions } from './text-encoding.js';

/** Rows that can be read repeatedly: a file or a data set of the Hub (see openRecords), or the rows themselves. */
export type StoredRows = string | readonly Fields[];

/** Rows, a path, or a stream of rows. A stream is first read to its end, and its rows are kept in memory. */
export type DataSource = StoredRows | AsyncIterable<Fields>;

/** A source of rows, or several in sequence. */
export type Data = DataSource | readonly DataSource[];

/** Whether a value can be data; the rows themselves are checked when they are read. */
export const isData = (value: unknown): value is Data =>
  isSource(value) || (Array.isArray(value) && value.length > 0 && value.every(isSource));

/** An empty list counts as a source without rows, so that reading it reports the problem. */
const isSource = (value: unknown): value is DataSource =>
  typeof value === 'string' || isStream(value) || (Array.isArray(value) && value.every(isRow));

const isStream = (value: unknown): value is AsyncIterable<Fields> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

const isRow = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isStream(value);

/**
 * Data as sources that can be read repeatedly: streams are read to their end.
 * @throws UsageError if a value cannot be data
 */
export async function storedSources(data: Data, signal?: AbortSignal): Promise<StoredRows[]> {
  if (!isData(data))
    throw optionError('data', say`expected rows (objects with fields), a path, or several of these`);
  const sources = isSource(data) ? [data] : data;
  const stored: StoredRows[] = [];
  for (const source of sources) stored.push(isStream(source) ? await rowsIn(source, signal) : source);
  return stored;
}

async function rowsIn(stream: AsyncIterable<Fields>, signal?: AbortSignal): Promise<Fields[]> {
  const rows: Fields[] = [];
  for await (const row of stream) {
    signal?.throwIfAborted();
    rows.push(row);
  }
  return rows;
}

/** The name of a source in messages and reports. */
export const sourceName = (source: StoredRows): string =>
  typeof source === 'string' ? source : say`${source.length} row|rows in memory`;

/** Opens data as one sequence of records. Throws as openRecords does, and a PromptuneError if there are no rows. */
export async function openData(data: Data, options: ReadOptions = {}): Promise<Records> {
  const sources = await storedSources(data, options.signal);
  const opened: Records[] = [];
  try {
    for (const source of sources)
      opened.push(typeof source === 'string' ? await openRecords(source, options) : recordsOf(source));
  } catch (error) {
    for (const records of opened) await records.close();
    throw error;
  }
  return joinRecords(opened);
}

/** Rows in memory as records, like those of a file. */
function recordsOf(rows: readonly Fields[]): Records {
  if (rows.length === 0)
    throw new PromptuneError(say`the data set is empty: no rows were given`, { code: 'invalid-data' });
  return {
    length: rows.length,
    async get(i) {
      const row = rows[i];
      if (!row) throw new RangeError(`row ${i} of ${rows.length} does not exist`);
      return recordOf(row, i);
    },
    async *[Symbol.asyncIterator]() {
      for (const [i, row] of rows.entries()) yield recordOf(row, i);
    },
    async close() {},
  };
}

/** The places of rows that were read from files. */
const origins = new WeakMap<Fields, Origin>();

/** Remembers where a row comes from, for errors about it. */
function withOrigin(fields: Fields, origin: Origin): Fields {
  origins.set(fields, origin);
  return fields;
}

/** The rows of data, one at a time. Later errors about one of them still name its file and line. */
export async function* readRows(data: Data, options: ReadOptions = {}): AsyncGenerator<Fields> {
  const records = await openData(data, options);
  try {
    for await (const { fields, path, place } of records) yield withOrigin(fields, { path, place });
  } finally {
    await records.close();
  }
}

/**
 * A row as a record, named `row 3` if it is in memory.
 * @param index from 0
 */
export function recordOf(fields: Fields, index: number): DataRecord {
  return { ...(origins.get(fields) ?? { place: `row ${index + 1}` }), fields };
}
