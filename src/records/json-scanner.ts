/** @file Finds the values of a JSON file: the elements of one array, or consecutive values, which may span lines. */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import { numberList } from './number-list.js';
import { byteOrderMark, maxRecordBytes, type RecordIndex, type RecordScanner } from './record-scanner.js';

const newline = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const isSpace = (byte: number) => byte === 0x20 || byte === 0x09 || byte === newline || byte === 0x0d;

/**
 * @param layout `array`: the file is one array, whose elements are the records; `values`: each top-level value is one
 * @param path for errors
 */
export function jsonScanner(path: string, layout: 'array' | 'values'): RecordScanner {
  const index: RecordIndex = { starts: numberList(), ends: numberList(), lines: numberList() };
  const top = layout === 'array' ? 1 : 0;
  let offset = 0;
  let line = 1;
  let depth = 0;
  let isInString = false;
  let isEscaped = false;
  let start: number | undefined; // of the value that is being read
  let startLine = 1;
  let isOver = false; // whether the array has been closed

  function endValue(end: number): void {
    if (start === undefined) return;
    index.starts.push(start);
    index.ends.push(end);
    index.lines.push(startLine);
    start = undefined;
  }

  function outside(byte: number): void {
    if (isSpace(byte)) {
      if (top === 0 && depth === 0) endValue(offset);
      return;
    }
    if (isOver)
      throw new FileError(
        path,
        say`line ${line}`,
        say`broken JSON: there is something behind the end of the array`,
      );
    const isOpening = byte === openBrace || byte === openBracket;
    if (depth === top && byte === comma) {
      if (start === undefined) {
        const problem =
          layout === 'values'
            ? say`a comma stands between objects; remove it, or put the objects into one array ([ … ])`
            : say`a comma without a value before it`;
        throw new FileError(path, say`line ${line}`, say`broken JSON: ${problem}`);
      }
      endValue(offset);
      return;
    }
    if (depth === 0 && top === 1) {
      depth = 1; // the array's own bracket
      return;
    }
    if (byte === closeBrace || byte === closeBracket) {
      depth--;
      if (depth < top) {
        endValue(offset);
        isOver = true;
      } else if (depth === 0) endValue(offset + 1);
      return;
    }
    if (depth === top && start === undefined) {
      start = offset;
      startLine = line;
    }
    if (isOpening) depth++;
    else if (byte === quote) isInString = true;
  }

  function feed(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (isInString) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) isInString = false;
      } else if (offset >= byteOrderMark.length || byte !== byteOrderMark[offset]) outside(byte);
      if (byte === newline) line++;
      offset++;
    }
    if (start !== undefined && offset - start > maxRecordBytes * (top === 0 ? 4 : 1))
      throw new FileError(
        path,
        say`line ${startLine}`,
        say`a JSON value that is too long begins here; expected one record a line`,
      );
  }

  function finish(): RecordIndex {
    if (isInString || depth > 0) {
      const isInValue = isInString || depth > top;
      const place = say`line ${isInValue ? startLine : line}`;
      const what = isInValue ? say`what begins here is never closed` : say`the array is never closed`;
      throw new FileError(path, place, say`broken JSON: ${what}; was the file cut?`);
    }
    endValue(offset);
    return index;
  }
  return { feed, finish };
}
