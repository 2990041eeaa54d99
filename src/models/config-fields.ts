/** @file Reads fields of config.json, for all families. */
import * as z from 'zod';
import { FileError } from '../errors.js';
import { activations, type Value } from '../graph/index.js';
import { say } from '../say.js';

/** A positive integer. */
export const size = z.int().positive();

/** How many layers there are: each is gone through before its weights are looked for. */
export const layerCount = size.max(10_000);

/** The activation function `name`. Throws a FileError that lists the supported ones. */
export function activationNamed(name: string, path: string, field: string): (x: Value) => Value {
  const found = activations[name];
  if (found) return found;
  const known = Object.keys(activations).join(', ');
  throw new FileError(path, field, say`"${name}" is not supported; expected one of ${known}`);
}

/** The quotient of two fields. Throws a FileError if it is not an integer. */
export function divided(
  path: string,
  [larger, many]: readonly [field: string, value: number],
  [smaller, few]: readonly [field: string, value: number],
): number {
  if (many % few === 0) return many / few;
  throw new FileError(path, smaller, say`${larger} ${many} is not divisible by ${few} heads`);
}
