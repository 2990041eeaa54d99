/** @file What a table separates its values by: the comma that CSV means, or what spreadsheets write in its place. */
import { FileError } from '../errors.js';

export interface Dialect {
  readonly separator: string;
  /** A first line `sep=;`, which Excel reads and writes, is no part of the table. */
  readonly hasSeparatorLine: boolean;
}

const separators = [',', ';', '\t', '|'] as const;
const names: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};

/** How many rows must agree. */
const sampleRows = 50;

/**
 * The dialect of a table by its first rows. Of a .csv a separator other than the comma is taken where it alone
 * divides the header and every row into the same number of values.
 * @param head the file's beginning
 * @param isWhole whether that is the file
 * @throws FileError if a .tsv has no tabs, and commas or semicolons where they should be
 */
export function dialectOf(head: string, isWhole: boolean, path: string, extension: '.csv' | '.tsv'): Dialect {
  const declared = /^\ufeff?"?sep=(.)"?\r?(?:\n|\r|$)/.exec(head)?.[1];
  if (declared !== undefined && extension === '.csv') return { separator: declared, hasSeparatorLine: true };
  const fitting = separators.filter((separator) => divides(head, isWhole, separator));
  if (extension === '.csv') {
    const separator = fitting.length === 1 ? fitting[0]! : ',';
    return { separator, hasSeparatorLine: false };
  }
  const [only] = fitting;
  if (fitting.length === 1 && !head.split(/[\r\n]/, 1)[0]!.includes('\t')) {
    const problem = `a .tsv has tabs between its values, and this has ${names[only!]}; give it the extension .csv`;
    throw new FileError(path, 'line 1', problem);
  }
  return { separator: '\t', hasSeparatorLine: false };
}

/**
 * The byte that ends a line, by a file's beginning: a carriage return, as old files of the Macintosh have, or a line
 * feed. Those between the quotes of a table's value do not count.
 */
export function lineBreakOf(head: string, isTable: boolean): number {
  const outside = isTable ? head.replace(/(^|[,;\t|\r\n])"(?:[^"]|"")*(?:"|$)/g, '$1') : head;
  return outside.includes('\r') && !outside.includes('\n') ? 0x0d : 0x0a;
}

/** Whether a separator divides the first rows into the same number of values, two at least. */
function divides(head: string, isWhole: boolean, separator: string): boolean {
  let count: number | undefined;
  for (const values of valueCounts(head, isWhole, separator)) {
    count ??= values;
    if (count < 2 || values !== count) return false;
  }
  return count !== undefined;
}

/** How many values each of the first rows has. Quotes count where they open a value. */
function* valueCounts(head: string, isWhole: boolean, separator: string): Generator<number> {
  const other = `[^${separator}\\r\\n]*`;
  const row = new RegExp(`((?:"(?:[^"]|"")*"|[^"${separator}\\r\\n])${other})?`, 'y');
  let values = 1;
  let isBlank = true;
  let rows = 0;
  for (let at = head.startsWith('\ufeff') ? 1 : 0; rows < sampleRows; at++) {
    row.lastIndex = at;
    const [value] = row.exec(head)!;
    at += value.length;
    isBlank &&= value.trim() === '';
    const next = head[at];
    if (next === separator) {
      values++;
      isBlank = false;
      continue;
    }
    if (next === undefined && !isWhole) return; // the last row may be cut
    if (!isBlank) {
      yield values;
      rows++;
    }
    if (next === undefined) return;
    if (next === '"') return; // a quote is never closed, within the head at least
    values = 1;
    isBlank = true;
  }
}
