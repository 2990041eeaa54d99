/**
 * @file A file that only this process sees, for what is too large for memory. Nothing is left of it, however the
 * process ends.
 */
import { fileSystem, host, type OpenFile } from '#platform';
import { withFileErrors } from '../formats/files.js';

/** It and its `append` throw a FileError that names the folder of temporary files, as for a full disk. */
export async function openTemporary(): Promise<OpenFile> {
  const written = <T>(run: () => Promise<T>) => withFileErrors(host.temporaryFolder, 'written', run);
  const file = await written(() => fileSystem.openTemporary());
  return { ...file, append: (content) => written(() => file.append(content)) };
}
