/** @file The fields of a record as text, and errors about missing ones. */
import { kindOf } from '../formats/json.js';
import { parseJson } from '../formats/json-text.js';
import { Numeral } from '../formats/numeral.js';
import { parsePythonLiteral } from '../formats/python-literal.js';
import { nearestName } from '../nearest-name.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';

/** A field as text. Throws an error that names the record if the field is missing or not text. */
export function fieldText(record: DataRecord, name: string): string {
  requireField(record, name);
  const value = record.fields[name];
  const text = scalarText(value);
  if (text !== undefined) return text;
  throw dataError(
    record,
    say`the field ${JSON.stringify(name)} is ${kindOf(value)}, expected text, a number or a boolean`,
  );
}

/** A text, number or boolean as text, numbers as written in their file; undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const isScalar = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
  return isScalar || value instanceof Numeral ? String(value) : undefined;
}

/**
 * The field of a record called `name`: exactly, or else the only one that differs in case or surrounding spaces, such
 * as `Prompt`.
 */
export function fieldNamed(fields: Fields, name: string): string | undefined {
  if (Object.hasOwn(fields, name)) return name;
  const alike = Object.keys(fields).filter((field) => field.trim().toLowerCase() === name);
  return alike.length === 1 ? alike[0] : undefined;
}

/** The first of `names` that the record has, as spelled there. */
export function firstNamed(fields: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = fieldNamed(fields, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Lists and objects, including those written as JSON or Python inside a text, as in a cell of CSV; anything else
 * unchanged.
 */
export function structured(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*(?:[[{]|array\()/.test(value)) return value;
  try {
    return parseJson(value);
  } catch {
    return parsePythonLiteral(value) ?? value;
  }
}

/** The values of fields, with lists and objects in texts read. */
export const valuesOf = (fields: Fields, names: readonly string[]): unknown[] =>
  names.map((name) => structured(fields[name]));

/**
 * Throws an error that names the record and its fields if `name` is not among them.
 * @param place where the name was written, if known
 */
export function requireField(record: DataRecord, name: string, place?: string): void {
  if (Object.hasOwn(record.fields, name)) return;
  const names = Object.keys(record.fields);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? '' : say` Did you mean ${JSON.stringify(nearest)}?`;
  const where = place === undefined ? '' : `${place}: `;
  throw dataError(
    record,
    say`${where}there is no field ${JSON.stringify(name)}; the fields are
      ${names.join(', ') || 'none'}.${hint}`,
  );
}
