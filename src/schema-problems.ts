/** @file What a zod schema says against a value, as problems with the path of the option and what it was given. */
import type { z } from 'zod';
import type { Problem } from './errors.js';
import { nearestName } from './nearest-name.js';

/**
 * All that is wrong with `value`; none where the schema takes it.
 * @param describeUnknown says what is wrong with a key that the schema does not know, at `path` from the outside in
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

/** What is wrong with a key that is none of those known. */
export function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  if (nearest !== undefined) return `the key is unknown; did you mean "${nearest}"?`;
  return `the key is unknown; ${known.length > 0 ? `known are ${known.join(', ')}` : 'none is known here'}`;
}
