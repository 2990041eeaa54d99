/**
 * @file A run's configuration in the form of config.yaml: paths as they are; for rows and adapters in memory a digest,
 *   which lets a resumed run check that it gets the same.
 */
import { sha256 } from '#platform';
import { UsageError } from '../errors.js';
import { type HeldAdapter, heldContent, isHeldAdapter } from '../formats/adapter-content.js';
import { filesOf } from '../formats/adapter-files.js';
import { isJsonObject } from '../formats/json.js';
import type { LanguageModel } from '../models/model.js';
import type { StoredRows } from '../records/data.js';
import type { Fields } from '../records/record-formats.js';
import { say } from '../say.js';
import { type ResolvedRunConfig, runSchema } from './run-config.js';

/** A configuration whose data can be read repeatedly, with what follows from the model. */
export type StoredConfig = Omit<ResolvedRunConfig, 'data' | 'validation'> & {
  readonly learningRate: number;
  readonly data: readonly StoredRows[];
  readonly validation: number | readonly StoredRows[] | undefined;
};

/** The configuration with the model's name first, in the order of the schema. */
export async function notedConfig(model: LanguageModel, { data, validation, ...config }: StoredConfig) {
  const noted: Record<string, unknown> = {
    data: notedData(data),
    validation: typeof validation === 'object' ? notedData(validation) : (validation ?? 0),
    ...config,
    methodOptions: await notedOptions(config.methodOptions),
    ...(model.dtype !== 'auto' && { dtype: model.dtype }),
  };
  const given = Object.keys(runSchema.shape).filter((key) => noted[key] !== undefined);
  return { model: model.name, ...Object.fromEntries(given.map((key) => [key, noted[key]])) };
}

/** Rows that were in memory, which a run's folder does not store. */
interface NotedRows {
  readonly rows: number;
  readonly sha256: string;
}

const isNotedRows = (value: unknown): value is NotedRows =>
  isJsonObject(value) && typeof value.rows === 'number' && typeof value.sha256 === 'string';

/** An adapter that was in memory, which a run's folder does not store. */
interface NotedAdapter {
  readonly adapter: 'in memory';
  readonly sha256: string;
}

const isNotedAdapter = (value: unknown): value is NotedAdapter =>
  isJsonObject(value) && value.adapter === 'in memory' && typeof value.sha256 === 'string';

/** A method's options. With several methods, those of one are under its name. */
async function notedOptions(options: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const noted: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (isHeldAdapter(value)) noted[key] = await notedAdapter(value);
    else if (isJsonObject(value)) noted[key] = await notedOptions(value);
    else noted[key] = value;
  }
  return noted;
}

async function notedAdapter(held: HeldAdapter): Promise<NotedAdapter> {
  const hash = sha256();
  for (const [name, bytes] of filesOf(await heldContent(held))) {
    hash.update(new TextEncoder().encode(`${name} ${bytes.length}\n`));
    hash.update(bytes);
  }
  return { adapter: 'in memory', sha256: hash.hex() };
}

/** Paths of notes about adapters that were in memory. */
export function notedAdapters(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (isNotedAdapter(value)) return [path];
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, part]) => notedAdapters(part, [...path, key]));
}

/** The note of one source, or a list for several. */
function notedData(sources: readonly StoredRows[]): string | NotedRows | (string | NotedRows)[] {
  const noted = sources.map((source) => (typeof source === 'string' ? source : notedRows(source)));
  return noted.length === 1 ? noted[0]! : noted;
}

/** Whether a configuration's data are such notes, so that a resumed run needs the rows again. */
export const isNotedData = (value: unknown): boolean => [value].flat().some(isNotedRows);

/** Equal rows give the same digest, whatever the order of their fields. */
export function notedRows(rows: readonly Fields[]): NotedRows {
  const hash = sha256();
  const encoder = new TextEncoder();
  for (const row of rows) hash.update(encoder.encode(`${JSON.stringify(inOrder(row))}\n`));
  return { rows: rows.length, sha256: hash.hex() };
}

/** A value with the keys of its objects sorted. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}`;
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part)]));
}

/** @throws UsageError if a resumed run gets different rows or a different adapter than it started with */
export function refuseOtherValues(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): void {
  for (const key of ['data', 'validation']) {
    const [began, given] = [before, now].map((config) => [config[key]].flat().filter(isNotedRows));
    for (const [i, rows] of began!.entries()) {
      const other = given![i];
      if (!other || other.sha256 === rows.sha256) continue;
      const found = other.rows === rows.rows ? say`as many different ones` : `${other.rows}`;
      throw new UsageError([
        {
          path: [key],
          message: say`the run started with ${rows.rows} row|rows in memory, but got ${found}; pass the same rows
            to resume it`,
        },
      ]);
    }
  }
  for (const path of notedAdapters(before)) {
    const [began, given] = [before, now].map((config) => valueAt(config, path) as NotedAdapter);
    if (!isNotedAdapter(given) || given.sha256 === began!.sha256) continue;
    throw new UsageError([
      {
        path,
        message: say`the run started from a different adapter in memory; pass the same one to resume it`,
      },
    ]);
  }
}

const valueAt = (config: unknown, path: readonly string[]): unknown =>
  path.reduce((part, key) => (isJsonObject(part) ? part[key] : undefined), config);
