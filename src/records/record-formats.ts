/** @file What one record of each text format is: JSONL, CSV, TSV and plain text. */
import { CsvError, parse as parseCsv } from 'csv-parse/sync';
import { isJsonObject, kindOf } from '../formats/json.js';
import { dataError, type Origin } from './data-error.js';

/** A record's values by field name. */
export type Fields = Readonly<Record<string, unknown>>;

export type RecordFormat =
  | { kind: 'lines'; parseLine(text: string, origin: Origin): Fields }
  | { kind: 'table'; csvQuotes: boolean; splitRow(text: string, origin: Origin): string[] };

const jsonLines: RecordFormat = { kind: 'lines', parseLine: parseJsonLine };

/**
 * By file name extension. CSV follows RFC 4180. TSV has no quoting, as text/tab-separated-values says and data sets
 * of sentences need. Plain text has one example a line, in the field `text`.
 */
export const recordFormats: Readonly<Record<string, RecordFormat>> = {
  '.jsonl': jsonLines,
  '.ndjson': jsonLines,
  '.csv': { kind: 'table', csvQuotes: true, splitRow: splitCsvRow },
  '.tsv': { kind: 'table', csvQuotes: false, splitRow: (text) => text.split('\t') },
  '.txt': { kind: 'lines', parseLine: (text) => ({ text }) },
};

function parseJsonLine(text: string, origin: Origin): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw dataError(origin, `broken JSON: ${reason}; expected one whole JSON object a line`);
  }
  if (!isJsonObject(value)) throw dataError(origin, `expected a JSON object, found ${kindOf(value)}`);
  return value;
}

function splitCsvRow(text: string, origin: Origin): string[] {
  try {
    const rows = parseCsv(text, { record_delimiter: ['\n', '\r\n'], relax_column_count: true });
    return rows[0] ?? [];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const rule = 'put a field that holds a quote in double quotes and write the quote twice';
    throw dataError(origin, `a double quote is where CSV does not allow one; ${rule}`);
  }
}

/** Checks a table's header. An empty name is fine: it is what pandas writes above its row numbers. */
export function checkColumns(columns: readonly string[], origin: Origin): void {
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw dataError(origin, `two columns are named ${JSON.stringify(twice)}; rename one`);
}

/** A row's values under the names of its columns. */
export function rowFields(columns: readonly string[], row: readonly string[], origin: Origin): Fields {
  if (row.length !== columns.length) {
    const expected = `expected ${columns.length} columns (${columns.join(', ')}), found ${row.length}`;
    throw dataError(
      origin,
      `${expected}; a value that holds the separator or a line break needs double quotes (CSV)`,
    );
  }
  return Object.fromEntries(columns.map((name, i) => [name, row[i]]));
}
