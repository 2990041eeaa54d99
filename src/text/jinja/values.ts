/** @file Python's values in templates (bigint is int, number is float): how they print, compare and calculate. */

import { floatText, Numeral } from '../../formats/numeral.js';
import { say } from '../../say.js';

export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Numeral
  | Value[]
  | Tuple
  | Dict
  | Undefined
  | Sequence
  | Callable
  | Namespace;

export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** A dict: keys in insertion order; 1 and 1.0 are the same key. */
export class Dict {
  readonly #entries = new Map<unknown, [Value, Value]>();
  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }
  get size(): number {
    return this.#entries.size;
  }
  get(key: Value): Value | undefined {
    return this.#entries.get(hashOf(key))?.[1];
  }
  has(key: Value): boolean {
    return this.#entries.has(hashOf(key));
  }
  set(key: Value, value: Value): void {
    const hash = hashOf(key);
    this.#entries.set(hash, [this.#entries.get(hash)?.[0] ?? key, value]);
  }
  keys(): Value[] {
    return [...this.#entries.values()].map(([key]) => key);
  }
  values(): Value[] {
    return [...this.#entries.values()].map(([, value]) => value);
  }
  entries(): [Value, Value][] {
    return [...this.#entries.values()];
  }
}

function hashOf(key: Value): unknown {
  const number = key instanceof Numeral ? undefined : numberOrUndefined(key);
  if (typeof number === 'number') return Number.isInteger(number) ? BigInt(number) : number;
  if (number !== undefined) return number;
  if (key instanceof Tuple) return `(${key.items.map((item) => `${typeof item} ${repr(item)}`).join()})`;
  if (Array.isArray(key) || key instanceof Dict)
    throw new PythonError(say`unhashable type: '${typeName(key)}'`);
  return key instanceof Numeral ? key.text : key;
}

/** An undefined value. It prints as nothing, is false and has no items; any other use of it is an error. */
export class Undefined {
  constructor(readonly message: string) {}
}

/**
 * An iterable that is not a list: a range, a dict's keys, or the result of a filter, which can be iterated only once.
 */
export class Sequence {
  isSpent = false;
  constructor(
    readonly kind: 'range' | 'dict_keys' | 'dict_values' | 'dict_items' | 'generator',
    readonly items: readonly Value[],
    readonly text: string,
  ) {}
}

export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: Value[], named: ReadonlyMap<string, Value>) => Value,
    /** Readable attributes, such as those of a loop. */
    readonly attributes: Readonly<Record<string, () => Value>> = {},
  ) {}
}

export class Namespace {
  readonly values = new Map<string, Value>();
}

/** The value, or the fallback if it is undefined; None is a value. */
export const orElse = (value: Value | undefined, otherwise: () => Value): Value =>
  value === undefined ? otherwise() : value;

/** An exception that Python would raise. */
export class PythonError extends Error {}

export const generator = (items: readonly Value[]) => new Sequence('generator', items, '');

/** Converts a JavaScript value, such as parsed JSON. With `keepsText`, a Numeral is kept and prints as its text. */
export function fromJs(value: unknown, keepsText: boolean): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (value === undefined) return null;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (value instanceof Numeral) return keepsText ? value : numeralValue(value);
  if (typeof value === 'function') {
    const call = value as (...args: unknown[]) => unknown;
    return new Callable(value.name, (args) => fromJs(call(...args), keepsText));
  }
  if (Array.isArray(value)) return value.map((item) => fromJs(item, keepsText));
  if (value instanceof Callable || value instanceof Dict) return value;
  return new Dict(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, fromJs(inner, keepsText)]),
  );
}

const numeralValue = ({ text }: Numeral): bigint | number =>
  /^-?\d+$/.test(text) ? BigInt(text) : Number(text);

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (value instanceof Numeral) return typeName(numeralValue(value));
  if (value instanceof Sequence) return value.kind;
  const names = { boolean: 'bool', bigint: 'int', number: 'float', string: 'str' } as const;
  if (typeof value !== 'object') return names[typeof value as keyof typeof names];
  if (Array.isArray(value)) return 'list';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  return value instanceof Undefined ? 'Undefined' : value instanceof Namespace ? 'Namespace' : 'function';
}

/** The value as a number in arithmetic; booleans are 0 and 1. */
export function numberOrUndefined(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return value instanceof Numeral ? numeralValue(value) : undefined;
}

export function integerOf(value: Value, what: string): number {
  const number = numberOrUndefined(value);
  if (typeof number === 'bigint') return Number(number);
  throw new PythonError(say`${what}: '${typeName(value)}' object cannot be interpreted as an integer`);
}

/** An integer that determines the length of a text. */
export function widthOf(value: Value, what: string): number {
  const width = integerOf(value, what);
  if (width > maxText) throw new PythonError(say`${what}: ${width} is too large`);
  return width;
}

export function isTrue(value: Value): boolean {
  const number = numberOrUndefined(value);
  if (number !== undefined) return Number(number) !== 0;
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'string' || Array.isArray(value)) return value.length > 0;
  if (value instanceof Tuple) return value.items.length > 0;
  if (value instanceof Dict) return value.size > 0;
  return value instanceof Sequence && value.kind !== 'generator' ? value.items.length > 0 : true;
}

/** Python's str(). */
export function str(value: Value): string {
  if (typeof value === 'string') return value;
  return value instanceof Undefined ? '' : repr(value);
}

/** Python's repr(). */
export function repr(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Numeral) return value.text;
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (value instanceof Tuple)
    return `(${value.items.map(repr).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  if (value instanceof Dict)
    return `{${value
      .entries()
      .map(([key, inner]) => `${repr(key)}: ${repr(inner)}`)
      .join(', ')}}`;
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Sequence && value.kind !== 'generator') return value.text;
  throw new PythonError(
    value instanceof Sequence
      ? say`what is printed is no text but a ${typeName(value)}; make it a list by | list`
      : say`what is printed is no text but a ${typeName(value)}`,
  );
}

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'"\p{C}\p{Z}]/gu, (char) => {
    if (char === ' ') return char;
    if (char === '\\' || char === mark) return `\\${char}`;
    if (char === "'" || char === '"') return char;
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char];
    if (named) return named;
    const code = char.codePointAt(0)!;
    const hex = (width: number) => code.toString(16).padStart(width, '0');
    return code < 0x100 ? `\\x${hex(2)}` : code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
  });
  return `${mark}${escaped}${mark}`;
}

/** The characters of a text as Python counts them: code points. */
export const chars = (text: string): string[] => [...text];

/** The items that a loop iterates over. */
export function iterate(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return value.keys();
  if (typeof value === 'string') return chars(value);
  if (value instanceof Undefined) return [];
  if (value instanceof Sequence) {
    if (value.kind === 'generator') {
      if (value.isSpent) return [];
      value.isSpent = true;
    }
    return value.items;
  }
  throw new PythonError(say`'${typeName(value)}' object is not iterable`);
}

export function lengthOf(value: Value): number {
  const hasNone = value instanceof Sequence && value.kind === 'generator';
  if (!hasNone && (typeof value === 'object' || typeof value === 'string') && value !== null)
    if (typeof value === 'string') return chars(value).length;
    else if (value instanceof Dict) return value.size;
    else if (
      Array.isArray(value) ||
      value instanceof Tuple ||
      value instanceof Sequence ||
      value instanceof Undefined
    )
      return iterate(value).length;
  throw new PythonError(say`object of type '${typeName(value)}' has no len()`);
}

export function isEqual(a: Value, b: Value): boolean {
  if (a === b) return true;
  const [x, y] = [numberOrUndefined(a), numberOrUndefined(b)];
  if (x !== undefined && y !== undefined) return x >= y && x <= y; // not for values that are not numbers
  const lists = [a, b].map((value) =>
    Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined,
  );
  if (lists[0] && lists[1])
    return (
      Array.isArray(a) === Array.isArray(b) &&
      lists[0].length === lists[1].length &&
      lists[0].every((item, i) => isEqual(item, lists[1]![i]!))
    );
  if (a instanceof Dict && b instanceof Dict)
    return (
      a.size === b.size && a.entries().every(([key, value]) => b.has(key) && isEqual(value, b.get(key)!))
    );
  return a instanceof Undefined && b instanceof Undefined;
}

/** Negative, 0 or positive, as `a` sorts before, with or after `b`. */
export function order(a: Value, b: Value, operator = '<'): number {
  const [x, y] = [numberOrUndefined(a), numberOrUndefined(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return orderTexts(a, b);
  const lists = [a, b].map((value) =>
    Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined,
  );
  if (lists[0] && lists[1] && Array.isArray(a) === Array.isArray(b)) {
    const differs = lists[0].findIndex((item, i) => i < lists[1]!.length && !isEqual(item, lists[1]![i]!));
    if (differs >= 0) return order(lists[0][differs]!, lists[1][differs]!, operator);
    return lists[0].length - lists[1].length;
  }
  for (const value of [a, b]) if (value instanceof Undefined) throw new PythonError(value.message);
  throw new PythonError(
    say`'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
  );
}

/** Compares by code points, as Python does; JavaScript compares UTF-16 units. */
function orderTexts(a: string, b: string): number {
  const [x, y] = [chars(a), chars(b)];
  const differs = x.findIndex((char, i) => char !== y[i]);
  if (differs < 0 || differs >= y.length) return x.length - y.length;
  return x[differs]!.codePointAt(0)! - y[differs]!.codePointAt(0)!;
}

export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item === 'string') return container.includes(item);
    throw new PythonError(say`'in <string>' requires string as left operand, not ${typeName(item)}`);
  }
  if (container instanceof Dict) return container.has(item);
  if (container === null || numberOrUndefined(container) !== undefined)
    throw new PythonError(say`argument of type '${typeName(container)}' is not a container or iterable`);
  return iterate(container).some((one) => isEqual(one, item));
}

/** The maximum size of a text that a template makes, in characters, and of a list, in items. */
const maxText = 10_000_000;
const maxItems = 1_000_000;

/** Larger than any number that a template needs. */
const maxInteger = 2n ** 4096n;

/** Returns the value, or throws if it is too large. Checked at every step, since values are built from earlier ones. */
export function checkSize<V extends Value>(value: V): V {
  const size = sizeOf(value);
  if (size > (typeof value === 'string' ? maxText : maxItems))
    throw new PythonError(say`a ${typeName(value)} of ${size} gets too long`);
  if (typeof value === 'bigint' && (value > maxInteger || value < -maxInteger))
    throw new PythonError(say`a number gets too large`);
  return value;
}

/** Characters or items; 0 for values that have neither. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value instanceof Tuple || value instanceof Sequence ? value.items.length : 0;
}

export function calculate(operator: string, a: Value, b: Value): Value {
  for (const value of [a, b]) if (value instanceof Undefined) throw new PythonError(value.message);
  const [x, y] = [numberOrUndefined(a), numberOrUndefined(b)];
  if (x !== undefined && y !== undefined) return calculateNumbers(operator, x, y);
  if (operator === '+') {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    if (typeof a === 'string' && !(typeof b === 'string'))
      throw new PythonError(say`can only concatenate str (not "${typeName(b)}") to str`);
    if (Array.isArray(a) && Array.isArray(b)) return a.concat(b);
    if (a instanceof Tuple && b instanceof Tuple) return new Tuple([...a.items, ...b.items]);
  }
  if (operator === '*') {
    const [what, times] =
      typeof y === 'bigint' ? [a, Number(y)] : [b, typeof x === 'bigint' ? Number(x) : undefined];
    if (times !== undefined && (typeof what === 'string' || Array.isArray(what) || what instanceof Tuple)) {
      const count = Math.max(0, times);
      if (count * lengthOf(what) > (typeof what === 'string' ? maxText : maxItems))
        throw new PythonError(say`what is repeated gets too long`);
      if (typeof what === 'string') return what.repeat(count);
      const items = Array.from({ length: count }, () => iterate(what)).flat();
      return Array.isArray(what) ? items : new Tuple(items);
    }
  }
  throw new PythonError(
    say`unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`,
  );
}

function calculateNumbers(operator: string, a: bigint | number, b: bigint | number): Value {
  const isWhole = typeof a === 'bigint' && typeof b === 'bigint';
  const [x, y] = [Number(a), Number(b)];
  if (['/', '//', '%'].includes(operator) && y === 0)
    throw new PythonError(
      isWhole || operator === '/' ? say`division by zero` : say`float floor division by zero`,
    );
  switch (operator) {
    case '+':
      return isWhole ? a + b : x + y;
    case '-':
      return isWhole ? a - b : x - y;
    case '*':
      return isWhole ? a * b : x * y;
    case '/':
      return x / y;
    case '//': {
      if (!isWhole) return Math.floor(x / y);
      const quotient = a / b;
      return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
    }
    case '%': {
      const rest = isWhole ? a % b : x % y;
      return Number(rest) !== 0 && rest < 0 !== b < 0
        ? isWhole
          ? (rest as bigint) + b
          : (rest as number) + y
        : rest;
    }
    default:
      if (isWhole && b >= 0n) {
        if (b > 10_000n) throw new PythonError(say`the power is too large`);
        return a ** b;
      }
      return x ** y;
  }
}

/** Python's slice of a list of `length`: the indices that it takes. */
export function sliceIndices(length: number, given: readonly (number | undefined)[]): number[] {
  const [start, stop, step = 1] = given;
  if (step === 0) throw new PythonError(say`slice step cannot be zero`);
  const clamp = (value: number) => {
    const from = value < 0 ? value + length : value;
    return step > 0 ? Math.min(Math.max(from, 0), length) : Math.min(Math.max(from, -1), length - 1);
  };
  const from = start === undefined ? (step > 0 ? 0 : length - 1) : clamp(start);
  const to = stop === undefined ? (step > 0 ? length : -1) : clamp(stop);
  const indices: number[] = [];
  for (let i = from; step > 0 ? i < to : i > to; i += step) indices.push(i);
  return indices;
}

/** Python's json.dumps with the settings of transformers' tojson. */
export function toJson(
  value: Value,
  options: { ensureAscii: boolean; indent?: string; separators?: [string, string]; sortKeys: boolean },
  depth = 0,
): string {
  const { ensureAscii, indent, sortKeys } = options;
  const [comma, colon] = options.separators ?? [indent === undefined ? ', ' : ',', ': '];
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof Numeral) return value.text;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return floatText(value);
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  }
  if (typeof value === 'string') return jsonText(value, ensureAscii);
  const line = (level: number) => (indent === undefined ? '' : `\n${indent.repeat(level)}`);
  const wrap = (open: string, close: string, parts: string[]) =>
    parts.length === 0
      ? open + close
      : `${open}${line(depth + 1)}${parts.join(comma + line(depth + 1))}${line(depth)}${close}`;
  if (Array.isArray(value) || value instanceof Tuple)
    return wrap(
      '[',
      ']',
      iterate(value).map((item) => toJson(item, options, depth + 1)),
    );
  if (value instanceof Dict) {
    const entries = sortKeys ? value.entries().sort(([a], [b]) => order(a, b)) : value.entries();
    const keyOf = (key: Value) => {
      if (typeof key === 'string') return key;
      if (key === null || numberOrUndefined(key) !== undefined) return toJson(key, options);
      throw new PythonError(say`keys must be str, int, float, bool or None, not ${typeName(key)}`);
    };
    return wrap(
      '{',
      '}',
      entries.map(
        ([key, inner]) => `${jsonText(keyOf(key), ensureAscii)}${colon}${toJson(inner, options, depth + 1)}`,
      ),
    );
  }
  throw new PythonError(say`Object of type ${typeName(value)} is not JSON serializable`);
}

function jsonText(text: string, ensureAscii: boolean): string {
  const written = JSON.stringify(text);
  if (!ensureAscii)
    return written.replace(/\\u(d[89a-f][\da-f]{2})/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return written.replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
