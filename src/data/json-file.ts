/** @file Reading text and JSON files, with errors that name the file. */
import { readFile } from 'node:fs/promises';
import { FileError } from '../errors.js';
import { fileSystemError, systemErrorCode } from './data-error.js';

export type JsonObject = Record<string, unknown>;

/** The whole file as UTF-8 text. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw fileSystemError(path, cause);
  }
}

/** The one object that a JSON file holds, or undefined where there is no such file. */
export async function readJsonObjectIfPresent(path: string): Promise<JsonObject | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      throw new FileError(path, undefined, `broken JSON: ${cause.message}; fetch the file again`, { cause });
    }
    if (systemErrorCode(cause) === 'ENOENT') return undefined;
    throw fileSystemError(path, cause);
  }
  if (!isJsonObject(value))
    throw new FileError(path, undefined, `expected a JSON object, found ${kindOf(value)}`);
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a JSON value is, for error messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
