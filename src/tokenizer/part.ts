/** @file Reads the parts of a tokenizer.json, with errors that name the file and the place in it. */
import { FileError } from '../errors.js';
import { isJsonObject, type JsonObject, kindOf } from '../formats/json.js';
import { say } from '../say.js';

/**
 * An object within tokenizer.json. Its methods refuse what the tokenizers library would refuse when opening the file: a
 * field of the wrong type, or a missing one without a fallback.
 */
export class Part {
  /**
   * @param path the file, for errors
   * @param place the object's place in the file, such as `pre_tokenizer.pretokenizers[1]`
   */
  constructor(
    readonly json: JsonObject,
    readonly path: string,
    readonly place: string,
  ) {}

  get type(): string {
    return this.string('type');
  }

  has(name: string): boolean {
    return this.json[name] !== undefined && this.json[name] !== null;
  }

  string(name: string, fallback?: string): string {
    const value = this.json[name];
    if (typeof value === 'string') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    throw this.wrong(name, say`a string`);
  }

  boolean(name: string, fallback?: boolean): boolean {
    const value = this.json[name];
    if (typeof value === 'boolean') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    throw this.wrong(name, say`true or false`);
  }

  /** A non-negative integer. */
  count(name: string, fallback?: number): number {
    const value = this.json[name];
    if (isCount(value)) return value;
    if (value === undefined && fallback !== undefined) return fallback;
    throw this.wrong(name, say`a whole number of at least 0`);
  }

  /** A string of exactly one character (code point). */
  character(name: string, fallback?: string): string {
    const value = this.string(name, fallback);
    if ([...value].length === 1) return value;
    throw this.wrong(name, say`one character`);
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], fallback?: Value): Value {
    const value = this.json[name] ?? fallback;
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    throw this.wrong(name, say`one of ${values.join(', ')}`);
  }

  part(name: string): Part {
    return partOf(this.json[name], this.path, this.#placeOf(name));
  }

  parts(name: string): Part[] {
    const value = this.json[name];
    if (!Array.isArray(value)) throw this.wrong(name, say`an array`);
    return value.map((item, i) => partOf(item, this.path, `${this.#placeOf(name)}[${i}]`));
  }

  /** The error for an invalid field. */
  wrong(name: string, expected: string): FileError {
    const value = this.json[name];
    const found = typeof value === 'object' || value === undefined ? kindOf(value) : JSON.stringify(value);
    return this.refuse(name, say`expected ${expected}, found ${found}`);
  }

  /** The error for a field, or for the whole part if `name` is undefined. */
  refuse(name: string | undefined, problem: string): FileError {
    return new FileError(this.path, name === undefined ? this.place : this.#placeOf(name), problem);
  }

  #placeOf(name: string): string {
    return this.place === '' ? name : `${this.place}.${name}`;
  }
}

export function partOf(value: unknown, path: string, place: string): Part {
  if (isJsonObject(value)) return new Part(value, path, place);
  throw new FileError(path, place, say`expected an object, found ${kindOf(value)}`);
}

export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0;
}
