/** @file Converts the faults that a zod schema finds in a value to problems of options, or to the error of a file. */
import * as z from 'zod';
import { FileError, type Problem, UsageError } from './errors.js';
import { nearestName } from './nearest-name.js';
import { said, say } from './say.js';

/**
 * The problems that a schema finds in `value`; none if it is valid.
 * @param describeUnknown describes a key that the schema does not know, found in the object at `path`. Default: by the
 *   keys that the schema has there
 */
export function schemaProblems(
  schema: z.ZodType,
  value: unknown,
  describeUnknown = (key: string, path: readonly PropertyKey[]) => unknownKey(key, keysAt(schema, path)),
): Problem[] {
  const { error } = schema.safeParse(value, { reportInput: true });
  return (error?.issues ?? []).flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: describeUnknown(key, issue.path),
      }));
    return [{ path: issue.path, message: messageOf(issue) }];
  });
}

/** What was expected, and got. */
function messageOf(issue: z.core.$ZodIssue): string {
  const { input } = issue;
  const expected = expectation(issue);
  const isPlain = input !== undefined && (input === null || typeof input !== 'object');
  const found = JSON.stringify(input);
  const isSaid = typeof input === 'string' && expected.includes(found);
  if (!isPlain || isSaid) return expected;
  const nearest =
    issue.code === 'invalid_value' && typeof input === 'string'
      ? nearestName(input, issue.values.map(String))
      : undefined;
  return nearest === undefined
    ? say`${expected}, got ${found}`
    : say`${expected}, got ${found}; did you mean "${nearest}"?`;
}

/** zod's own message, such as "Too small: expected number to be >0", in our words; or that of the schema. */
function expectation(issue: z.core.$ZodIssue): string {
  const isOwn = /^[\w ]+: expected /.test(issue.message);
  if (!isOwn) return said(issue.message);
  switch (issue.code) {
    case 'invalid_type':
      return say`expected ${said(issue.expected)}`;
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value));
      return values.length === 1 ? say`expected ${values[0]}` : say`expected one of ${values.join('|')}`;
    }
    case 'too_small':
      return bounded(issue.origin, `${issue.inclusive ? '>=' : '>'}${issue.minimum}`);
    case 'too_big':
      return bounded(issue.origin, `${issue.inclusive ? '<=' : '<'}${issue.maximum}`);
    default:
      return issue.message;
  }
}

function bounded(origin: string, bound: string): string {
  const what = said(origin);
  if (origin === 'string') return say`expected ${what} to have ${bound} characters`;
  if (origin === 'array') return say`expected ${what} to have ${bound} items`;
  return say`expected ${what} to be ${bound}`;
}

/**
 * Parses a file's JSON by a schema. The only place that turns a schema's faults into an error about a file.
 * @param at the place of `value` in the file
 * @throws FileError naming the field
 */
export function fileFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: string,
  at: readonly PropertyKey[] = [],
): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const place = [...at, ...issue.path].map(String).join('.') || undefined;
  throw new FileError(path, place, issue.input === undefined ? missing(issue) : messageOf(issue));
}

const missing = (issue: z.core.$ZodIssue) =>
  issue.code === 'invalid_type' ? say`it is missing; ${messageOf(issue)}` : messageOf(issue);

/** Message about a key that is not one of `known`. */
export function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return say`the key is unknown; did you mean "${nearest}"?`;
  return say`the key is unknown;
    ${known.length > 0 ? say`expected one of ${known.join(', ')}` : say`expected no keys here`}`;
}

/**
 * The value with the schema's defaults.
 * @param of the owner of the options, for the message
 * @throws UsageError with all faults
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  of?: string,
): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (error) throw new UsageError(schemaProblems(schema, value), { of });
  return data as z.output<Schema>;
}

/** The keys that the object at `path` may have. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return keysAt(schema.unwrap() as z.ZodType, path);
  if (!(schema instanceof z.ZodObject)) return [];
  const [key, ...rest] = path;
  return key === undefined ? Object.keys(schema.shape) : keysAt(schema.shape[String(key)] as z.ZodType, rest);
}
