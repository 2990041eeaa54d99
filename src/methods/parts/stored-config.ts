/** @file The fields of an adapter_config.json: read by a schema, or refused by name. */
import type * as z from 'zod';
import { FileError } from '../../errors.js';
import { configPath, type PeftContent } from '../../formats/adapter-content.js';
import { say } from '../../say.js';
import { fileFields } from '../../schema-problems.js';

/** Parses fields of adapter_config.json. Throws a FileError that names the invalid one. */
export const configFields = <Schema extends z.ZodType>(files: PeftContent, schema: Schema) =>
  fileFields(schema, files.config, configPath(files));

/** @throws FileError for a field with an unsupported value; an empty list is harmless */
export function refuseFields(
  files: PeftContent,
  unsupported: Readonly<Record<string, readonly unknown[]>>,
): void {
  for (const [field, harmless] of Object.entries(unsupported)) {
    const value = files.config[field];
    const isEmptyList = Array.isArray(value) && value.length === 0;
    if (value === undefined || value === null || isEmptyList || harmless.includes(value)) continue;
    const problem = say`${JSON.stringify(value)} is not supported; expected
      ${harmless.map((one) => JSON.stringify(one)).join(' or ') || 'null'}`;
    throw new FileError(configPath(files), field, problem);
  }
}
