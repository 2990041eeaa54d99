/** @file The fields of a record as text, and what is said where one is missing. */
import { kindOf } from '../formats/json.js';
import { nearestName } from '../nearest-name.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';

/** A field as text. Throws an error that names the record where it is missing, or no text. */
export function fieldText(record: DataRecord, name: string): string {
  requireField(record, name);
  const value = record.fields[name];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw dataError(
    record,
    `the field ${JSON.stringify(name)} is ${kindOf(value)}, expected text, a number or a boolean`,
  );
}

/**
 * Throws an error that names the record and its fields where `name` is none of them.
 * @param place where the name stands, where that is known
 */
export function requireField(record: DataRecord, name: string, place?: string): void {
  if (Object.hasOwn(record.fields, name)) return;
  const names = Object.keys(record.fields);
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
  const where = place === undefined ? '' : `${place}: `;
  throw dataError(
    record,
    `${where}there is no field ${JSON.stringify(name)}; the fields are ${names.join(', ') || 'none'}.${hint}`,
  );
}
