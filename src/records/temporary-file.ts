/**
 * @file A file that only this process sees, for data that is too large for memory. It disappears however the process
 *   ends.
 */
import { fileSystem, host, type OpenFile } from '#platform';
import { withFileErrors } from '../formats/files.js';

/** Opening and `append` throw a FileError that names the folder of temporary files, for example if the disk is full. */
export async function openTemporary(): Promise<OpenFile> {
  const written = <T>(run: () => Promise<T>) => withFileErrors(host.temporaryFolder, 'written', run);
  const file = await written(() => fileSystem.openTemporary());
  return { ...file, append: (content) => written(() => file.append(content)) };
}
