/** @file Parses one record of each text format: JSON, CSV, TSV and plain text. */
import { isJsonObject, kindOf } from '../formats/json.js';
import { jsonAdvice, keyGivenTwice, parseJson } from '../formats/json-text.js';
import { say } from '../say.js';
import { csvFields } from './csv-row.js';
import { dataError, type Origin } from './data-error.js';

/** A record's values by field name. */
export type Fields = Readonly<Record<string, unknown>>;

export type RecordFormat =
  | { kind: 'text'; parse(text: string, origin: Origin): Fields }
  | { kind: 'json'; parse(text: string, origin: Origin): Fields; mayBeTree: boolean }
  | { kind: 'table'; extension: '.csv' | '.tsv' };

/**
 * By file name extension. CSV follows RFC 4180. TSV has no quoting, as text/tab-separated-values says and data sets of
 * sentences need. Plain text has one example per line, in the field `text`.
 */
export const recordFormats: Readonly<Record<string, RecordFormat>> = {
  '.jsonl': { kind: 'json', parse: parseRecord, mayBeTree: false },
  '.ndjson': { kind: 'json', parse: parseRecord, mayBeTree: false },
  '.json': { kind: 'json', parse: parseRecord, mayBeTree: true },
  '.csv': { kind: 'table', extension: '.csv' },
  '.tsv': { kind: 'table', extension: '.tsv' },
  '.txt': { kind: 'text', parse: (text) => ({ text }) },
};

function parseRecord(text: string, origin: Origin): Fields {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw dataError(
      origin,
      say`broken JSON: ${reason};
        ${jsonAdvice(text) ?? say`expected one whole JSON object per line`}`,
    );
  }
  if (!isJsonObject(value)) throw dataError(origin, say`expected a JSON object, found ${kindOf(value)}`);
  const twice = keyGivenTwice(text, value);
  if (twice === undefined) return value;
  throw dataError(origin, say`the key ${JSON.stringify(twice)} is there twice in one object; remove one`);
}

/** How a JSON file contains its records: one per line, in one array, or as consecutive values that span lines. */
export type JsonLayout = 'lines' | 'array' | 'values';

/** @param head the file's beginning, or all of it if `isWhole` */
export function jsonLayout(
  head: string,
  isWhole: boolean,
  { mayBeTree }: { mayBeTree: boolean },
): JsonLayout {
  const text = head.replace(/^\ufeff/, '').trimStart();
  if (text.startsWith('[')) return 'array';
  const [line, ...rest] = text.split(/[\r\n]/, 2);
  if (rest.length === 0 && !isWhole) return mayBeTree ? 'values' : 'lines'; // a very long line
  try {
    JSON.parse(line!);
    return 'lines';
  } catch {
    return text.startsWith('{') ? 'values' : 'lines';
  }
}

export function splitCsvRow(text: string, separator: string, origin: Origin): string[] {
  const fields = csvFields(text, separator);
  if (fields) return fields;
  const rule = say`put a field that holds a quote in double quotes and write the quote twice`;
  throw dataError(origin, say`a double quote is where CSV does not allow one; ${rule}`);
}

/** Checks a table's header. An empty name is allowed: pandas writes it above its row numbers. */
export function checkColumns(columns: readonly string[], origin: Origin): void {
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw dataError(origin, say`two columns are named ${JSON.stringify(twice)}; rename one`);
}

/** A row's values by the names of its columns. */
export function rowFields(columns: readonly string[], row: readonly string[], origin: Origin): Fields {
  if (row.length !== columns.length) {
    const expected = say`expected ${columns.length} column|columns (${columns.join(', ')}), found ${row.length}`;
    const hint = row.some((value) => value.includes('\0'))
      ? say`there are zero bytes in it: was the file damaged?`
      : say`a value that holds the separator or a line break needs double quotes (CSV)`;
    throw dataError(origin, `${expected}; ${hint}`);
  }
  return Object.fromEntries(columns.map((name, i) => [name, row[i]]));
}
