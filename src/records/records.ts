/**
 * @file Records of a data file of any size, or of a data set of the Hub. Of text files one pass finds where the records are,
 * then they are read on demand.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { FileError } from '../errors.js';
import { withFileErrors } from '../formats/files.js';
import { isDatasetName, resolveDataset } from '../hub/index.js';
import type { Origin } from './data-error.js';
import { unzipped } from './gzip.js';
import { checkColumns, type Fields, type RecordFormat, recordFormats, rowFields } from './record-formats.js';
import { type RecordIndex, recordScanner } from './record-scanner.js';

export interface DataRecord extends Origin {
  readonly fields: Fields;
}

/** An open file of records, or several as one. Iterating reads them in file order; `get` reads any one. */
export interface RecordFile extends AsyncIterable<DataRecord> {
  readonly path: string;
  readonly length: number;
  /** The record at `index` (from 0). Throws a RangeError where there is none, a FileError where it is broken. */
  get(index: number): Promise<DataRecord>;
  close(): Promise<void>;
}

const scanBytes = 1024 * 1024;
// Small, so that a reader who works through the records lets other work run in between.
const readBytes = 64 * 1024;

/**
 * Opens a data file, its format known by its extension: .jsonl or .ndjson (one object a line), .csv and .tsv (the first
 * row names the columns), .txt (one example a line, field `text`), each of them also with .gz behind it, and .parquet. Text is
 * UTF-8; a byte order mark, CRLF and blank lines are fine. `hf:owner/name` is a data set of the Hub (see resolveDataset).
 * Throws a FileError for a missing file, a folder, no records, text that is not UTF-8 and whatever breaks the format.
 */
export async function openRecords(path: string, options: { signal?: AbortSignal } = {}): Promise<RecordFile> {
  if (isDatasetName(path)) return openHubDataset(path, options);
  const isZipped = /\.gz$/i.test(path);
  const extension = extname(isZipped ? path.slice(0, -'.gz'.length) : path).toLowerCase();
  const format = recordFormats[extension];
  if (!format && (isZipped || extension !== '.parquet')) {
    const extensions = Object.keys(recordFormats).join(', ');
    const problem = `cannot tell the format by this name; expected one of ${extensions}, also with .gz behind it, or .parquet`;
    throw new FileError(path, undefined, problem);
  }
  const file = await openFile(path);
  if (!format) {
    const { openParquet } = await import('./parquet.js'); // few runs need it, and it takes a while to load
    return openParquet(file, path);
  }
  const handle = isZipped ? await unzipped(file, path, options.signal) : file;
  try {
    const index = await scan(handle, path, format, options.signal);
    return await recordFile(handle, path, format, index);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openHubDataset(name: string, options: { signal?: AbortSignal }): Promise<RecordFile> {
  const { files } = await resolveDataset(name, options);
  const opened: RecordFile[] = [];
  const close = async () => {
    for (const file of opened) await file.close();
  };
  try {
    for (const file of files) opened.push(await openRecords(file, options));
  } catch (error) {
    await close();
    throw error;
  }
  const length = opened.reduce((sum, file) => sum + file.length, 0);
  return {
    path: name,
    length,
    async get(index) {
      let left = index;
      for (const file of opened) {
        if (left < file.length) return file.get(left);
        left -= file.length;
      }
      throw new RangeError(`record ${index} of ${length} does not exist`);
    },
    async *[Symbol.asyncIterator]() {
      for (const file of opened) yield* file;
    },
    close,
  };
}

async function openFile(path: string): Promise<FileHandle> {
  const handle = await withFileErrors(path, 'read', () => open(path, 'r'));
  const stat = await handle.stat();
  if (stat.isFile()) return handle;
  await handle.close();
  const found = stat.isDirectory() ? 'this is a folder' : 'this is not a regular file';
  throw new FileError(path, undefined, `${found}, expected a data file`);
}

async function scan(handle: FileHandle, path: string, format: RecordFormat, signal?: AbortSignal) {
  const scanner = recordScanner(path, { csvQuotes: format.kind === 'table' && format.csvQuotes });
  const buffer = new Uint8Array(scanBytes);
  for (let position = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, scanBytes, position);
    if (bytesRead === 0) return scanner.finish();
    scanner.feed(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

async function recordFile(
  handle: FileHandle,
  path: string,
  format: RecordFormat,
  index: RecordIndex,
): Promise<RecordFile> {
  const { starts, ends, lines } = index;
  const originOf = (i: number): Origin => ({ path, place: `line ${lines.at(i)}` });

  /** The texts of the records `from` to `to` (excluded) by one read. */
  async function texts(from: number, to: number): Promise<string[]> {
    const first = starts.at(from);
    const bytes = new Uint8Array(ends.at(to - 1) - first);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, first);
    if (bytesRead < bytes.length)
      throw new FileError(path, undefined, 'the file was cut while it was being read');
    return Array.from({ length: to - from }, (_, i) => {
      const record = bytes.subarray(starts.at(from + i) - first, ends.at(from + i) - first);
      return textOf(record, originOf(from + i));
    });
  }

  const headerRows = format.kind === 'table' ? 1 : 0;
  const length = starts.length - headerRows;
  if (length <= 0) {
    const found = starts.length > 0 ? 'a header but no rows' : 'no records';
    throw new FileError(path, undefined, `the data set is empty: the file has ${found}`);
  }
  let parse: (text: string, origin: Origin) => Fields;
  if (format.kind === 'table') {
    const [header] = await texts(0, 1);
    const columns = format.splitRow(header!, originOf(0));
    checkColumns(columns, originOf(0));
    parse = (text, origin) => rowFields(columns, format.splitRow(text, origin), origin);
  } else {
    parse = format.parseLine;
  }
  const recordOf = (text: string, i: number): DataRecord => {
    const origin = originOf(i);
    return { ...origin, fields: parse(text, origin) };
  };

  return {
    path,
    length,
    async get(i) {
      if (!Number.isInteger(i) || i < 0 || i >= length)
        throw new RangeError(`record ${i} of ${length} does not exist`);
      const [text] = await texts(headerRows + i, headerRows + i + 1);
      return recordOf(text!, headerRows + i);
    },
    async *[Symbol.asyncIterator]() {
      for (let from = headerRows; from < starts.length; ) {
        let to = from + 1;
        while (to < starts.length && ends.at(to) - starts.at(from) <= readBytes) to++;
        for (const [i, text] of (await texts(from, to)).entries()) yield recordOf(text, from + i);
        from = to;
      }
    },
    close: () => handle.close(),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array, { path, place }: Origin): string {
  try {
    const text = utf8.decode(bytes);
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  } catch {
    throw new FileError(path!, place, 'this is not UTF-8 text; save the file as UTF-8');
  }
}
