/** @file A note in a run's folder. */
import { fileSystem, join } from '#platform';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../formats/files.js';
import { say } from '../say.js';
import { readRun } from './read-run.js';
import { NOTE_NAME } from './run-folder.js';

/** Keeps a note, or removes it if it is empty. Throws a UsageError if the folder is not a run's. */
export async function noteRun(folder: string, note: string): Promise<void> {
  if (!(await readRun(folder)))
    throw new UsageError(say`${folder} is not a run's folder`, { code: 'not-found' });
  const path = join(folder, NOTE_NAME);
  if (note === '') await fileSystem.remove(path);
  else await writeFileAtomic(path, `${note}\n`);
}
