/** @file Reading JSON files, with errors that say where. */
import { readFile } from 'node:fs/promises';
import { FileError } from '../errors.js';

/** Reads a file that holds one JSON object. */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new FileError(path, undefined, 'the file cannot be read', { cause: error });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FileError(path, undefined, `it is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FileError(path, undefined, 'expected a JSON object');
  }
  return value as Record<string, unknown>;
}
