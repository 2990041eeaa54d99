/** @file How a table separates its values: by commas, as CSV does, or by what spreadsheets write instead. */
import { FileError } from '../errors.js';
import { say } from '../say.js';

export interface Dialect {
  readonly separator: string;
  /** Whether there is a first line `sep=;`, which Excel reads and writes; it is not part of the table. */
  readonly hasSeparatorLine: boolean;
}

const separators = [',', ';', '\t', '|'] as const;
const names: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'bars',
};

/** Number of rows that must agree. */
const sampleRows = 50;

/**
 * Detects the dialect of a table from its first rows. A .csv has another separator than the comma if only that one
 * splits the header and every row into the same number of values.
 * @param head the file's beginning
 * @param isWhole whether that is the whole file
 * @throws FileError if a .tsv has no tabs, but commas or semicolons in their places
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
    const problem = say`a .tsv has tabs between its values, and this has ${names[only!]}; give it the extension .csv`;
    throw new FileError(path, say`line ${1}`, problem);
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

/** Whether a separator splits the first rows into the same number of values, at least two. */
function divides(head: string, isWhole: boolean, separator: string): boolean {
  let count: number | undefined;
  for (const values of valueCounts(head, isWhole, separator)) {
    count ??= values;
    if (count < 2 || values !== count) return false;
  }
  return count !== undefined;
}

/** The number of values of each of the first rows. Only quotes that open a value count. */
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
    if (next === undefined && !isWhole) return; // the last row may be truncated
    if (!isBlank) {
      yield values;
      rows++;
    }
    if (next === undefined) return;
    if (next === '"') return; // a quote is not closed, at least not within the head
    values = 1;
    isBlank = true;
  }
}
