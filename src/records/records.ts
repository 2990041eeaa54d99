/**
 * @file Records of a data file of any size, or of a data set of the Hub. For text files, one pass finds where the
 *   records are; then they are read on demand.
 */
import { extname, fileSystem, type OpenFile } from '#platform';
import { FileError } from '../errors.js';
import { isDatasetName } from '../formats/dataset-name.js';
import { withFileErrors } from '../formats/files.js';
import { readChunks } from '../formats/read-chunks.js';
import { say } from '../say.js';
import { dialectOf, lineBreakOf } from './csv-dialect.js';
import { dataError, type Origin } from './data-error.js';
import { unzipped } from './gzip.js';
import { jsonScanner } from './json-scanner.js';
import { inArticle, isArticle, recordsInTree, type TreeRecord } from './json-tree.js';
import { findDataset } from './named-datasets.js';
import {
  checkColumns,
  type Fields,
  jsonLayout,
  type RecordFormat,
  recordFormats,
  rowFields,
  splitCsvRow,
} from './record-formats.js';
import { type RecordIndex, type RecordScanner, recordScanner } from './record-scanner.js';
import { inUtf8, type ReadOptions, utf8Text } from './text-encoding.js';

export interface DataRecord extends Origin {
  readonly fields: Fields;
}

/** Open records. Iterating reads them in order; `get` reads any one. */
export interface Records extends AsyncIterable<DataRecord> {
  readonly length: number;
  /** The record at `index` (from 0). Throws a RangeError if it does not exist, a FileError if it is broken. */
  get(index: number): Promise<DataRecord>;
  close(): Promise<void>;
}

/** The records of a file, or of several in sequence. */
export interface RecordFile extends Records {
  readonly path: string;
}

// Small, so that a reader of all records lets other work run in between.
const readBytes = 64 * 1024;

// Read to recognize the layout of a file.
const headBytes = 64 * 1024;

/**
 * Opens a data file. The extension tells its format: .json, .jsonl or .ndjson (one object per line, one array of them,
 * or an object that contains a list of them), .csv and .tsv (the first row names the columns, unless `columns` does),
 * .txt (one example per line, field `text`), all optionally with .gz, and .parquet. Numbers keep their text (see
 * Numeral). Text is UTF-8, UTF-16 or in `encoding`; a byte order mark, CRLF, lone carriage returns and blank lines are
 * fine. `hf:owner/name` is a data set of the Hub (see named-datasets.ts). Throws a FileError for a missing file, a
 * folder, no records, text in another encoding and any violation of the format.
 */
export async function openRecords(path: string, options: ReadOptions = {}): Promise<RecordFile> {
  if (isDatasetName(path)) return openNamedDataset(path, options);
  const isZipped = /\.gz$/i.test(path);
  const extension = extname(isZipped ? path.slice(0, -'.gz'.length) : path).toLowerCase();
  const format = recordFormats[extension];
  const file = await openFile(path); // a missing file and a folder are told as what they are, whatever their name
  if (!format && (isZipped || extension !== '.parquet')) {
    await file.close();
    const extensions = Object.keys(recordFormats).join(', ');
    const problem = say`cannot tell the format by this name; expected one of ${extensions}, also with .gz behind it,
      or .parquet`;
    throw new FileError(path, undefined, problem);
  }
  if (!format) {
    const { openParquet } = await import('./parquet/parquet.js'); // rarely needed, and slow to load
    return openParquet(file, path, options);
  }
  let handle = isZipped ? await unzipped(file, path, options.signal) : file;
  try {
    handle = await inUtf8(handle, (await readHead(handle)).bytes, path, options);
    return await textFile(handle, path, format, options);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHead(handle: OpenFile): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const buffer = new Uint8Array(headBytes);
  const count = await handle.read(buffer, 0);
  return { bytes: buffer.subarray(0, count), isWhole: count < headBytes };
}

async function openNamedDataset(name: string, options: ReadOptions): Promise<RecordFile> {
  const files = await findDataset(name, options);
  const opened: RecordFile[] = [];
  try {
    for (const file of files) opened.push(await openRecords(file, options));
  } catch (error) {
    for (const file of opened) await file.close();
    throw error;
  }
  return { ...joinRecords(opened), path: name };
}

/** Joins several sequences of records into one, which closes them. */
export function joinRecords(parts: readonly Records[]): Records {
  if (parts.length === 1) return parts[0]!;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return {
    length,
    async get(index) {
      let left = index;
      for (const part of parts) {
        if (left < part.length) return part.get(left);
        left -= part.length;
      }
      throw new RangeError(`record ${index} of ${length} does not exist`);
    },
    async *[Symbol.asyncIterator]() {
      for (const part of parts) yield* part;
    },
    async close() {
      for (const part of parts) await part.close();
    },
  };
}

function openFile(path: string): Promise<OpenFile> {
  return withFileErrors(path, 'read', async () => {
    const kind = (await fileSystem.stat(path))?.kind ?? 'file'; // opening reports why there is nothing
    if (kind === 'file') return fileSystem.open(path, 'read');
    const found = kind === 'folder' ? say`this is a folder` : say`this is not a regular file`;
    throw new FileError(path, undefined, say`${found}, expected a data file`);
  });
}

async function scan(handle: OpenFile, scanner: RecordScanner, signal?: AbortSignal): Promise<RecordIndex> {
  for await (const chunk of readChunks(handle, { signal })) scanner.feed(chunk);
  return scanner.finish();
}

/** Opens a UTF-8 file according to its format and to the layout that its beginning shows. */
async function textFile(
  handle: OpenFile,
  path: string,
  format: RecordFormat,
  { columns, header = columns === undefined, signal }: ReadOptions,
): Promise<RecordFile> {
  const { bytes, isWhole } = await readHead(handle);
  const head = new TextDecoder().decode(bytes);
  const lineBreak = lineBreakOf(head, format.kind === 'table' && format.extension === '.csv');
  const open = async (scanner: RecordScanner, layout: Layout) =>
    recordFile(handle, path, layout, await scan(handle, scanner, signal));
  if (format.kind === 'text') return open(recordScanner(path, { lineBreak }), format);
  if (format.kind === 'json') {
    const layout = jsonLayout(head, isWhole, format);
    const scanner = layout === 'lines' ? recordScanner(path, { lineBreak }) : jsonScanner(path, layout);
    return withTrees(await open(scanner, format), layout === 'array');
  }
  const { extension } = format;
  const { separator, hasSeparatorLine } = dialectOf(head, isWhole, path, extension);
  const csvSeparator = extension === '.csv' ? separator : undefined;
  return open(recordScanner(path, { csvSeparator, lineBreak }), {
    ...{ columns, hasHeader: header && columns === undefined, rowsAt: hasSeparatorLine ? 1 : 0 },
    splitRow: (text, origin) =>
      extension === '.csv' ? splitCsvRow(text, separator, origin) : text.split(separator),
  });
}

/** Replaces the object of a JSON file by the records inside it, or articles by their several records each. */
async function withTrees(file: RecordFile, isArray: boolean): Promise<RecordFile> {
  const { fields: first } = await file.get(0);
  let records: TreeRecord[] | undefined;
  if (file.length === 1 && !isArray) records = recordsInTree(first, file.path);
  else if (isArticle(first)) {
    records = [];
    for await (const { fields, place } of file) records.push(...inArticle(fields, place));
  }
  if (!records && isArticle(first)) records = inArticle(first, 'record 1');
  if (!records) return file;
  await file.close();
  return listFile(records, file.path);
}

function listFile(records: readonly TreeRecord[], path: string): RecordFile {
  if (records.length === 0)
    throw new FileError(path, undefined, say`the data set is empty: the file has no records`);
  return {
    path,
    length: records.length,
    async get(i) {
      if (!Number.isInteger(i) || i < 0 || i >= records.length)
        throw new RangeError(`record ${i} of ${records.length} does not exist`);
      return { path, ...records[i]! };
    },
    async *[Symbol.asyncIterator]() {
      for (const record of records) yield { path, ...record };
    },
    async close() {},
  };
}

/** What the records of a text are: each on its own, or rows of a table. */
type Layout = { parse(text: string, origin: Origin): Fields } | TableLayout;

interface TableLayout {
  /** Number of the record that is the header, or the first row. */
  readonly rowsAt: number;
  readonly hasHeader: boolean;
  /** Names of the columns if there is no header. Default: `column1`, `column2`, … */
  readonly columns?: readonly string[];
  splitRow(text: string, origin: Origin): string[];
}

/** @param first the header, or the first row */
function columnsOf({ hasHeader, columns }: TableLayout, first: readonly string[], origin: Origin): string[] {
  const names = first.map((name) => name.trim());
  if (columns && columns.length === names.length && columns.every((name, i) => name === names[i]))
    throw dataError(origin, say`the first row has the names of the columns already; leave \`columns\` out`);
  const used = hasHeader ? names : (columns ?? names.map((_, i) => `column${i + 1}`));
  checkColumns(used, origin);
  return [...used];
}

async function recordFile(
  handle: OpenFile,
  path: string,
  layout: Layout,
  index: RecordIndex,
): Promise<RecordFile> {
  const { starts, ends, lines } = index;
  const originOf = (i: number): Origin => ({ path, place: `line ${lines.at(i)}` });

  /** The texts of the records from `from` up to `to`, in one read. */
  async function texts(from: number, to: number): Promise<string[]> {
    const first = starts.at(from);
    const bytes = new Uint8Array(ends.at(to - 1) - first);
    if ((await handle.read(bytes, first)) < bytes.length)
      throw new FileError(path, undefined, say`the file was cut while it was being read`);
    return Array.from({ length: to - from }, (_, i) => {
      const record = bytes.subarray(starts.at(from + i) - first, ends.at(from + i) - first);
      return textOf(record, originOf(from + i));
    });
  }

  const headerRows = 'rowsAt' in layout ? layout.rowsAt + Number(layout.hasHeader) : 0;
  const length = starts.length - headerRows;
  if (length <= 0) {
    const found = starts.length > 0 ? say`a header but no rows` : say`no records`;
    throw new FileError(path, undefined, say`the data set is empty: the file has ${found}`);
  }
  let parse: (text: string, origin: Origin) => Fields;
  if ('rowsAt' in layout) {
    const origin = originOf(layout.rowsAt);
    const [first] = await texts(layout.rowsAt, layout.rowsAt + 1);
    const columns = columnsOf(layout, layout.splitRow(first!, origin), origin);
    parse = (text, origin) => rowFields(columns, layout.splitRow(text, origin), origin);
  } else {
    parse = layout.parse;
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

function textOf(bytes: Uint8Array, { path, place }: Origin): string {
  const text = utf8Text(bytes, { path: path!, place });
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}
