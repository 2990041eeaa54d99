/**
 * @file JSON whose numbers keep their text. JSON.parse rounds them, and only newer versions of Node expose the text.
 */
import { say } from '../say.js';
import { Numeral, numberOf } from './numeral.js';

/**
 * Whether a text may have a number that JavaScript would write differently: a decimal that ends in 0, an exponent, 16
 * or more digits, -0, or one below 1e-6. Text inside strings may match too.
 */
const mayBeRounded = /\.\d*0(?!\d)|\d[eE][-+\d]|\d[\d.]{15}|-0(?![.\d])|0\.0{6}/;

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/gs;

/** Like JSON.parse, with a Numeral for each number that JavaScript would write differently. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!mayBeRounded.test(text) || !hasNumeral(text)) return value;
  return readValue({ text, at: 0 });
}

/** How to fix a text that is not JSON, for known mistakes. */
export function jsonAdvice(text: string): string | undefined {
  if (/^\s*[{[][\s{[]*'/.test(text)) return say`this is Python's notation; write it with json.dumps`;
  if (/[:[,]\s*-?(NaN|Infinity)\b/.test(text)) return say`JSON has no NaN and no Infinity; write null`;
  const outside = text.replace(quotedText, '""');
  if (/[“”„‘’：，｛｝［］]/.test(outside))
    return say`JSON needs ASCII punctuation (" : , { }), and this has typographic quotes or full-width
      marks`;
  return undefined;
}

const quotedText = /"(?:[^"\\]|\\.)*"/gs;
const quotedKey = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;

/**
 * A key that occurs twice in an object of a valid JSON text, of which JSON.parse keeps the last; `value` is its result.
 */
export function keyGivenTwice(text: string, value: unknown): string | undefined {
  const written: string[] = [];
  for (const [key, colon] of text.matchAll(quotedKey))
    if (colon !== undefined) written.push(key.slice(0, -colon.length));
  const kept = keysIn(value);
  if (written.length === kept.length) return undefined;
  const counts = new Map<string, number>();
  for (const key of kept) counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const text of written) {
    const key = JSON.parse(text) as string;
    const left = counts.get(key) ?? 0;
    if (left === 0) return key;
    counts.set(key, left - 1);
  }
  return undefined;
}

/** The keys of a value's objects at every depth. */
function keysIn(value: unknown): string[] {
  const keys: string[] = [];
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null || next instanceof Numeral) continue;
    if (!Array.isArray(next)) for (const key of Object.keys(next)) keys.push(key);
    for (const item of Object.values(next)) open.push(item);
  }
  return keys;
}

/** Like JSON.stringify, with Numerals as their text. */
export function writeJson(value: unknown): string {
  const marked = JSON.stringify(value, function (this: Record<string, unknown>, key, written: unknown) {
    const numeral = this[key]; // `written` is the result of its toJSON
    return numeral instanceof Numeral && isNumber.test(numeral.text)
      ? `\uFDD0${numeral.text}\uFDD1`
      : written;
  });
  return marked.replace(/"\uFDD0([^"]*)\uFDD1"/g, '$1');
}

const isNumber = /^-?\d/; // not nan and inf, which JSON does not have

function hasNumeral(text: string): boolean {
  for (const [found] of text.matchAll(stringOrNumber))
    if (!found.startsWith('"') && String(Number(found)) !== found) return true;
  return false;
}

/** A JSON text and the position in it. */
interface Reader {
  readonly text: string;
  at: number;
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\]|\\.)*"/sy;
const word = /[^\s,\]}]+/y;

function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const [found] = pattern.exec(reader.text)!;
  reader.at = pattern.lastIndex;
  return found;
}

/** Skips white space, and `mark` if that comes next. */
function skip(reader: Reader, mark: string): boolean {
  take(reader, space);
  if (reader.text[reader.at] !== mark) return false;
  reader.at++;
  return true;
}

function readString(reader: Reader): string {
  take(reader, space);
  const quoted = take(reader, string);
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function readValue(reader: Reader): unknown {
  if (skip(reader, '{')) {
    const entries: [string, unknown][] = [];
    while (!skip(reader, '}')) {
      skip(reader, ',');
      const key = readString(reader);
      skip(reader, ':');
      entries.push([key, readValue(reader)]);
    }
    return Object.fromEntries(entries);
  }
  if (skip(reader, '[')) {
    const items: unknown[] = [];
    while (!skip(reader, ']')) {
      skip(reader, ',');
      items.push(readValue(reader));
    }
    return items;
  }
  if (reader.text[reader.at] === '"') return readString(reader);
  const found = take(reader, word);
  if (found === 'true' || found === 'false') return found === 'true';
  return found === 'null' ? null : numberOf(found);
}
