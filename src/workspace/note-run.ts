/** @file A note in a run's folder. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../formats/files.js';
import { readRun } from '../runs/read-run.js';
import { NOTE_NAME } from '../runs/run-folder.js';
import { say } from '../say.js';

/** Keeps a note, or removes it if it is empty. Throws a UsageError if the folder is not a run's. */
export async function noteRun(folder: string, note: string): Promise<void> {
  if (!(await readRun(folder)))
    throw new UsageError(say`${folder} is not a run's folder`, { code: 'not-found' });
  const path = join(folder, NOTE_NAME);
  if (note === '') await rm(path, { force: true });
  else await writeFileAtomic(path, `${note}\n`);
}
