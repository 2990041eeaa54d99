/** @file What a run's config.yaml says of its data: paths as they are, and of rows in memory how many and a digest. */
import { sha256 } from '#platform';
import { UsageError } from '../errors.js';
import { isJsonObject } from '../formats/json.js';
import type { StoredRows } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';

/** Rows that were in memory, which a run's folder does not hold. */
interface NotedRows {
  readonly rows: number;
  readonly sha256: string;
}

const isNotedRows = (value: unknown): value is NotedRows =>
  isJsonObject(value) && typeof value.rows === 'number' && typeof value.sha256 === 'string';

/** One source as it is noted, or a list of several. */
export function notedData(sources: readonly StoredRows[]): string | NotedRows | (string | NotedRows)[] {
  const noted = sources.map((source) => (typeof source === 'string' ? source : notedRows(source)));
  return noted.length === 1 ? noted[0]! : noted;
}

/** Whether a configuration's data are such notes: what a resumed run is to be given again. */
export const isNotedData = (value: unknown): boolean => [value].flat().some(isNotedRows);

/** Equal rows give the same digest, whatever the order of their fields. */
function notedRows(rows: readonly Fields[]): NotedRows {
  const hash = sha256();
  const encoder = new TextEncoder();
  for (const row of rows) hash.update(encoder.encode(`${JSON.stringify(inOrder(row))}\n`));
  return { rows: rows.length, sha256: hash.hex() };
}

/** A value with the keys of its objects in the order of the alphabet. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`;
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part)]));
}

/** @throws UsageError if a resumed run is given other rows than it began with */
export function refuseOtherRows(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): void {
  for (const key of ['data', 'validation']) {
    const [began, given] = [before, now].map((config) => [config[key]].flat().filter(isNotedRows));
    for (const [i, rows] of began!.entries()) {
      const other = given![i];
      if (!other || other.sha256 === rows.sha256) continue;
      const found = other.rows === rows.rows ? 'as many others' : `${other.rows}`;
      throw new UsageError([
        {
          path: [key],
          message: `the run began with ${rows.rows} rows in memory, and ${found} are given; give the same rows to resume it`,
        },
      ]);
    }
  }
}
