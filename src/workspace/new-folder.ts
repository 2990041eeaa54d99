/** @file Where something new goes. */
import { stat } from 'node:fs/promises';
import { optionError } from '../errors.js';

/** @throws UsageError about the option `output` where no folder is named, or there is something already */
export async function requireNewFolder(output: string | undefined): Promise<string> {
  if (output === undefined) throw optionError('output', 'no folder is given for what is made; name one');
  if (!(await stat(output).catch(() => undefined))) return output;
  throw optionError('output', `${output} is there already; give a folder that is not`, {
    code: 'already-exists',
  });
}
