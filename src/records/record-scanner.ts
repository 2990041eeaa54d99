/** @file Finds where each record of a text file begins and ends, in one pass over its bytes. */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import { type NumberList, numberList } from './number-list.js';

/** Byte offsets of every record, without its line break, and the line (from 1) on which it begins. */
export interface RecordIndex {
  readonly starts: NumberList;
  readonly ends: NumberList;
  readonly lines: NumberList;
}

export interface RecordScanner {
  /** Takes the next bytes of the file, in chunks of any size. */
  feed(chunk: Uint8Array): void;
  /** Marks the end of the file and returns the index. */
  finish(): RecordIndex;
}

// A record is parsed as one string, so a file that is one endless line has to be stopped.
export const maxRecordBytes = 64 * 1024 * 1024;

const newline = 0x0a;
const quote = 0x22;
export const byteOrderMark = [0xef, 0xbb, 0xbf];

export interface ScanOptions {
  /**
   * For CSV: the separator of values, which may contain line breaks inside quotes. Without it, each line is a record.
   */
  readonly csvSeparator?: string;
  /** The byte that ends a line. Default: 10, a line feed. Files of the classic Mac OS have 13, a carriage return. */
  readonly lineBreak?: number;
}

/**
 * A record is a line or, in CSV, a row. Lines with only spaces, tabs and carriage returns are skipped, and so is a byte
 * order mark.
 * @param path for errors
 */
export function recordScanner(
  path: string,
  { csvSeparator, lineBreak = newline }: ScanOptions,
): RecordScanner {
  const separator = csvSeparator?.charCodeAt(0);
  const index = { starts: numberList(), ends: numberList(), lines: numberList() };
  let offset = 0;
  let line = 1;
  let start = 0;
  let startLine = 1;
  let blank = true;
  let markBytes = 0; // how many bytes of a byte order mark have been seen
  let state: 'field start' | 'unquoted' | 'quoted' | 'quote in quoted' = 'field start';

  function endRecord(): void {
    if (!blank) {
      index.starts.push(start);
      index.ends.push(offset);
      index.lines.push(startLine);
    }
    start = offset + 1;
    startLine = line + 1;
    blank = true;
    state = 'field start';
  }

  /** Checks whether a line that is blank so far has other bytes. */
  function feedBlank(chunk: Uint8Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const byte = chunk[i]!;
      if (offset + i - from === markBytes && byte === byteOrderMark[markBytes]) {
        markBytes++;
        if (markBytes === byteOrderMark.length) start = markBytes;
      } else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) {
        blank = false;
        return;
      }
    }
  }

  function feedLines(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const found = chunk.indexOf(lineBreak, at);
      const end = found < 0 ? chunk.length : found;
      if (blank) feedBlank(chunk, at, end);
      offset += end - at;
      if (found < 0) return;
      endRecord();
      line++;
      offset++;
      at = end + 1;
    }
  }

  function feedRows(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (byte === lineBreak) {
        if (state !== 'quoted') endRecord();
        line++;
      } else if (offset === markBytes && byte === byteOrderMark[offset]) {
        markBytes++;
        if (markBytes === byteOrderMark.length) start = markBytes;
      } else {
        if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) blank = false;
        if (byte === quote) state = stateAfterQuote[state];
        else if (state !== 'quoted') state = byte === separator ? 'field start' : 'unquoted';
      }
      offset++;
    }
  }

  function feed(chunk: Uint8Array): void {
    if (separator === undefined) feedLines(chunk);
    else feedRows(chunk);
    if (offset - start > maxRecordBytes) {
      const hint =
        state === 'quoted' ? say`is a double quote in it never closed?` : say`expected one record a line`;
      throw new FileError(
        path,
        say`line ${startLine}`,
        say`a record of more than 64 MiB begins here; ${hint}`,
      );
    }
  }

  function finish(): RecordIndex {
    if (state === 'quoted') {
      const problem = say`a double quote in the row that begins here is never closed; write a quote inside a field
          twice`;
      throw new FileError(path, say`line ${startLine}`, problem);
    }
    endRecord();
    return index;
  }
  return { feed, finish };
}

// As in RFC 4180: a quote opens a field only at its start; inside a quoted field, two quotes stand for one.
const stateAfterQuote = {
  'field start': 'quoted',
  unquoted: 'unquoted',
  quoted: 'quote in quoted',
  'quote in quoted': 'quoted',
} as const;
