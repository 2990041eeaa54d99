/** @file Reads JSON files, with the place in its errors. */
import { fileSystem } from '#platform';
import { FileError } from '../errors.js';
import { said, say } from '../say.js';
import { readTextIfPresent, withFileErrors } from './files.js';
import { keyGivenTwice } from './json-text.js';
import { Numeral } from './numeral.js';

export type JsonObject = Record<string, unknown>;

/**
 * Reads a file that holds one JSON object.
 * @throws FileError if it cannot be read, is not JSON (with line and column), or holds something else
 */
export async function readJsonObject(path: string): Promise<JsonObject> {
  return parseJsonObject(await readText(path), path);
}

/** Reads a file that holds one JSON list. Throws the same. */
export async function readJsonList(path: string): Promise<unknown[]> {
  const value = parseJson(await readText(path), path);
  if (Array.isArray(value)) return value;
  throw new FileError(path, undefined, say`expected a JSON list, found ${kindOf(value)}`);
}

const readText = (path: string) => withFileErrors(path, 'read', () => fileSystem.readText(path));

/** The same, or undefined if there is no such file. */
export async function readJsonObjectIfPresent(path: string): Promise<JsonObject | undefined> {
  const text = await readTextIfPresent(path);
  return text === undefined ? undefined : parseJsonObject(text, path);
}

/** Configurations are far smaller; of larger files, such as tokenizers, the last of equal keys counts as in Python. */
const mostCheckedForTwice = 2 ** 20;

function parseJsonObject(text: string, path: string): JsonObject {
  const value = parseJson(text, path);
  if (isJsonObject(value)) return value;
  throw new FileError(path, undefined, say`expected a JSON object, found ${kindOf(value)}`);
}

/** @param path the file that holds `text`, for errors */
function parseJson(text: string, path: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, '')); // some editors write a byte order mark
  } catch (cause) {
    const before = text.slice(0, invalidAt(text)).split('\n');
    const place = say`line ${before.length}, column ${before.at(-1)!.length + 1}`;
    const reason = (cause as Error).message.replace(/\s+/g, ' '); // it may quote some lines
    throw new FileError(path, place, say`it is not valid JSON: ${reason}`, { cause });
  }
  const twice = text.length <= mostCheckedForTwice ? keyGivenTwice(text, value) : undefined;
  if (twice !== undefined)
    throw new FileError(path, twice, say`the key is there twice in one object; remove one`);
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Numeral);
}

/** JSON as files have it: indented by two spaces, with a final newline. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Replacer for JSON.stringify that sorts keys at every depth, like Python's sort_keys. */
export function sortKeys(_key: string, value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether two values are equal as JSON, in any order of keys. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, sortKeys) === JSON.stringify(b, sortKeys);
}

/** The kind of a JSON value, for error messages. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return say`an array`;
  if (value instanceof Numeral) return 'a number';
  if (value instanceof Uint8Array) return say`bytes that are not UTF-8 text`;
  return typeof value === 'object' ? say`an object` : said(`a ${typeof value}`);
}

/** One token: a string, a number or word, a mark, or the end. */
const token =
  /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]|$/y;

type TokenKind = 'key' | 'value' | '}' | ']' | ',' | ':' | 'end';

/**
 * Where a text stops being JSON: the index of the first invalid or misplaced token, or the text's length. Most messages
 * of JSON.parse do not say.
 */
export function invalidAt(text: string): number {
  const open: ('{' | '[')[] = [];
  let allowed: readonly TokenKind[] = ['value'];
  for (let at = 0; ; at = token.lastIndex) {
    while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) return at;
    const kind = tokenKind(found, allowed);
    if (!allowed.includes(kind) || kind === 'end') return at;
    if (kind === 'key') allowed = [':'];
    else if (kind === ':') allowed = ['value'];
    else if (kind === ',') allowed = [open.at(-1) === '{' ? 'key' : 'value'];
    else if (found === '{' || found === '[') {
      open.push(found);
      allowed = found === '{' ? ['key', '}'] : ['value', ']'];
    } else {
      if (kind !== 'value') open.pop();
      allowed = open.length === 0 ? ['end'] : [',', open.at(-1) === '{' ? '}' : ']'];
    }
  }
}

function tokenKind(found: string, allowed: readonly TokenKind[]): TokenKind {
  switch (found) {
    case '}':
    case ']':
    case ',':
    case ':':
      return found;
    case '':
      return 'end';
    default:
      return found.startsWith('"') && allowed.includes('key') ? 'key' : 'value';
  }
}
