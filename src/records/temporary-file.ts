/** @file A file that only this process sees, for what is too large for memory. Nothing is left of it, however the process ends. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileErrors } from '../formats/files.js';

/** Appends `bytes` to a temporary file, and makes it first where there is none yet. Throws a FileError, as for a full disk. */
export function appendToTemporary(file: FileHandle | undefined, bytes: Uint8Array): Promise<FileHandle> {
  const path = join(tmpdir(), `promptune-${randomUUID()}`);
  return withFileErrors(path, 'written', async () => {
    const handle = file ?? (await open(path, 'wx+', 0o600));
    if (!file) await unlink(path); // the open handle keeps the bytes
    await handle.appendFile(bytes);
    return handle;
  });
}
