/**
 * @file promptune.json, Promptune's own file in an adapter's folder, which other libraries leave alone: the parts of a
 *   composed adapter, which are subfolders with one adapter each, and the model that the adapter was learned on.
 */
import { z } from 'zod';
import { fileFields } from '../schema-problems.js';
import type { JsonObject } from './json.js';

export const ownName = 'promptune.json';

const schema = z
  .object({
    /** Subfolders of the file's folder, in the order of composition. */
    parts: z
      .array(z.string().regex(/^[\w-][\w.-]*$/, 'expected the name of a folder next to this file'))
      .min(1)
      .optional(),
    base: z.object({ sha256: z.string() }).optional(),
  })
  .refine(({ parts, base }) => parts || base, {
    path: ['parts'],
    message: 'expected the parts of the adapter',
  });

/**
 * @param path path of promptune.json, for error messages
 * @throws FileError if its content is not valid
 */
export function parseOwnFile(file: Readonly<JsonObject>, path: string): z.infer<typeof schema> {
  return fileFields(schema, file, path);
}
