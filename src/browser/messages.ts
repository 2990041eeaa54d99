/**
 * @file What passes between a page and the library's worker. Options travel as they are, but for what no message
 *   holds: objects that live in the worker, functions, and signals, which travel as marks. A file stands for the path
 *   that it gets in the worker.
 */
import { optionError, type UsageError } from '../errors.js';
import { say } from '../say.js';
import type { StoredError } from './stored-error.js';

export type ToWorker =
  | { readonly type: 'call'; readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly type: 'abort'; readonly call: number; readonly signal: number; readonly reason: unknown };

export type FromWorker =
  | { readonly type: 'result'; readonly call: number; readonly result: unknown }
  | { readonly type: 'error'; readonly call: number; readonly error: StoredError }
  | { readonly type: 'callback'; readonly call: number; readonly callback: number; readonly value: unknown };

const mark = 'promptune:stands-for';
type Mark =
  | { readonly [mark]: 'object'; readonly id: number }
  | { readonly [mark]: 'callback'; readonly id: number }
  | { readonly [mark]: 'signal'; readonly id: number };

/** The place of an object of the worker on the page's side of it. */
export const remoteId: unique symbol = Symbol('its number in the worker');

export interface Packed {
  readonly value: unknown[];
  /** By the numbers in their marks. */
  readonly callbacks: ((value: unknown) => void)[];
  readonly signals: AbortSignal[];
}

/** The arguments of a call for a message. Throws a UsageError for a function that is no callback. */
export function pack(args: readonly unknown[]): Packed {
  const callbacks: ((value: unknown) => void)[] = [];
  const signals: AbortSignal[] = [];
  /** @param path of the value: its argument, and the names and places inside that */
  const packed = (value: unknown, path: readonly string[]): unknown => {
    if (typeof value === 'function') {
      if (!/^on[A-Z]/.test(path.at(-1)!)) throw refusedFunction(path);
      return { [mark]: 'callback', id: callbacks.push(value as (value: unknown) => void) - 1 } satisfies Mark;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof AbortSignal) return { [mark]: 'signal', id: signals.push(value) - 1 } satisfies Mark;
    if (remoteId in value) return { [mark]: 'object', id: value[remoteId] as number } satisfies Mark;
    if (Array.isArray(value)) return value.map((part, i) => packed(part, [...path, String(i)]));
    if (!isPlain(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, packed(part, [...path, key])]),
    );
  };
  return { value: args.map((value, i) => packed(value, [String(i)])), callbacks, signals };
}

/** A method or metric of one's own is a value with functions, of which no worker hears. */
function refusedFunction([, option = '', ...inside]: readonly string[]): UsageError {
  const what =
    inside.length === 0
      ? say`functions work in Node.js alone`
      : say`expected a name; values of your own, with functions such as ${inside.at(-1)}, work in
        Node.js alone`;
  return optionError(option, say`${what}: in a browser the library is in another thread`, {
    code: 'unsupported',
  });
}

/** Who puts things in the place of marks. */
export interface Unpacking {
  object(id: number): unknown;
  callback(id: number): (value: unknown) => void;
  signal(id: number): AbortSignal;
  /** The path at which a file can be read. */
  file(file: File): string;
}

export function unpack(value: unknown, unpacking: Unpacking): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof File) return unpacking.file(value);
  if (Array.isArray(value)) return value.map((part) => unpack(part, unpacking));
  if (!isPlain(value)) return value;
  if (mark in value) {
    const { [mark]: kind, id } = value as Mark;
    return unpacking[kind](id);
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unpack(part, unpacking)]));
}

const isPlain = (value: object) =>
  Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
