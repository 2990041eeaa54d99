/**
 * @file promptune.json: the file by which a folder of several adapters that belong together names them, each a folder
 * in it.
 */
import { z } from 'zod';
import { FileError } from '../errors.js';
import type { JsonObject } from './json.js';

export const compositionName = 'promptune.json';

const schema = z.object({
  /** Folders beside the file, in the order in which they are composed. */
  parts: z.array(z.string().regex(/^[\w-][\w.-]*$/, 'expected the name of a folder beside it')).min(1),
});

/**
 * The folders of the adapters that a folder is composed of.
 * @param path of promptune.json, for errors
 * @throws FileError where it is not what it should be
 */
export function partNames(file: Readonly<JsonObject>, path: string): readonly string[] {
  const parsed = schema.safeParse(file);
  if (parsed.success) return parsed.data.parts;
  const issue = parsed.error.issues[0]!;
  throw new FileError(path, issue.path.join('.'), issue.message);
}
