/** @file Checks the folder of a new result. */
import { stat } from 'node:fs/promises';
import { optionError } from '../errors.js';

/** @throws UsageError about the option `output` if it is missing or exists already */
export async function requireNewFolder(output: string | undefined): Promise<string> {
  if (output === undefined) throw optionError('output', 'expected the path of a new folder');
  if (!(await stat(output).catch(() => undefined))) return output;
  throw optionError('output', `${output} exists already; choose another folder`, {
    code: 'already-exists',
  });
}
