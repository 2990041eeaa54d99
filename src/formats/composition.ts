/** @file promptune.json, which lists the parts of a composed adapter: subfolders with one adapter each. */

import { z } from 'zod';
import { fileFields } from '../schema-problems.js';
import type { JsonObject } from './json.js';

export const compositionName = 'promptune.json';

const schema = z.object({
  /** Subfolders of the file's folder, in the order of composition. */
  parts: z
    .array(z.string().regex(/^[\w-][\w.-]*$/, 'expected the name of a folder next to this file'))
    .min(1),
});

/**
 * The subfolders of a composed adapter.
 * @param path path of promptune.json, for error messages
 * @throws FileError if its content is not valid
 */
export function partNames(file: Readonly<JsonObject>, path: string): readonly string[] {
  return fileFields(schema, file, path).parts;
}
