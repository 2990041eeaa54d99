/** @file Reading text and JSON files, with errors that name the file. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readJsonObject } from '../formats/json.js';
import { fileSystemError } from './data-error.js';

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
  return existsSync(path) ? readJsonObject(path) : undefined;
}
