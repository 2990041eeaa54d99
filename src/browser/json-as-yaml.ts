/**
 * @file Stands for `yaml` and `formats/yaml.ts` in the worker: JSON is YAML, so the configuration of a run that a page
 *   writes and reads again is JSON there, and Node.js reads it as well. The parser would be a tenth of the bundle.
 */
import { FileError } from '../errors.js';
import { say } from '../say.js';

export const stringify = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
export const parse = (text: string): unknown => JSON.parse(text);

/** @throws FileError if it is not JSON */
export function parseYaml(text: string, path: string): { readonly values: unknown } {
  try {
    return { values: parse(text) };
  } catch (cause) {
    throw new FileError(path, undefined, say`it is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}
