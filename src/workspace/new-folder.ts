/** @file Checks the folder of a new result. */
import { stat } from 'node:fs/promises';
import { optionError } from '../errors.js';
import { say } from '../say.js';

/**
 * The path of a folder that does not exist yet.
 * @throws UsageError about the option `output` if it is missing or exists already
 */
export async function requireNewFolder(output: string | undefined): Promise<string> {
  if (output === undefined) throw optionError('output', say`expected the path of a new folder`);
  if (!(await stat(output).catch(() => undefined))) return output;
  throw optionError('output', say`${output} exists already; choose another folder`, {
    code: 'already-exists',
  });
}
