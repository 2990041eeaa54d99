/** @file Reading config.json: what every family does with its fields. */
import { z } from 'zod';
import { FileError } from '../errors.js';
import { activations, type Value } from '../graph/index.js';

/** A whole number from 1. */
export const size = z.int().positive();

/** The fields that a schema knows. Throws a FileError that names the one that is wrong. */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  raw: Readonly<Record<string, unknown>>,
  path: string,
): z.output<Schema> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new FileError(path, issue.path.join('.'), issue.message);
}

/** The activation function of that name. Throws a FileError that lists the known ones. */
export function activationNamed(name: string, path: string, field: string): (x: Value) => Value {
  const found = activations[name];
  if (found) return found;
  const known = Object.keys(activations).join(', ');
  throw new FileError(path, field, `"${name}" is not known; known are ${known}`);
}

/** How many numbers the larger has for each of the smaller. Throws a FileError where it does not come out even. */
export function divided(
  path: string,
  [larger, many]: readonly [field: string, value: number],
  [smaller, few]: readonly [field: string, value: number],
): number {
  if (many % few === 0) return many / few;
  throw new FileError(path, smaller, `${larger} ${many} cannot be divided among ${few} heads`);
}
