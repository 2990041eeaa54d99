/** @file What a zod schema finds wrong with a value, as problems with the option's path and value. */
import type { z } from 'zod';
import type { Problem } from './errors.js';
import { nearestName } from './nearest-name.js';

/**
 * The problems that a schema finds in `value`; none if it is valid.
 * @param describeUnknown describes a key that the schema does not know, found in the object at `path`
 */
export function schemaProblems(
  schema: z.ZodType,
  value: unknown,
  describeUnknown: (key: string, path: readonly PropertyKey[]) => string,
): Problem[] {
  const { error } = schema.safeParse(value, { reportInput: true });
  return (error?.issues ?? []).flatMap((issue): Problem[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: describeUnknown(key, issue.path),
      }));
    // "Too small: expected number to be >0", "Invalid input: expected number, received string"
    const message = issue.message.replace(/^[\w ]+: (?=expected)/, '').replace(/, received \w+$/, '');
    const isPlain = issue.input !== undefined && (issue.input === null || typeof issue.input !== 'object');
    return [
      { path: issue.path, message: isPlain ? `${message}, got ${JSON.stringify(issue.input)}` : message },
    ];
  });
}

/** Message about a key that is not one of `known`. */
export function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `the key is unknown; did you mean "${nearest}"?`;
  return `the key is unknown; ${known.length > 0 ? `expected one of ${known.join(', ')}` : 'expected no keys here'}`;
}
