/** @file Gzip: a packed data file is unpacked once into a temporary file, where records can be read in any order. */
import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { FileError } from '../errors.js';
import { appendToTemporary } from './temporary-file.js';

/**
 * The content of a packed file, which is closed.
 * @throws FileError for what is not gzip or ends too early; the signal's reason where it is aborted
 */
export async function unzipped(file: FileHandle, path: string, signal?: AbortSignal): Promise<FileHandle> {
  let content = await appendToTemporary(undefined, new Uint8Array());
  const packed = file.createReadStream({ highWaterMark: 256 * 1024 }); // closes the file at its end
  const gunzip = createGunzip();
  packed.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of packed.pipe(gunzip)) {
      signal?.throwIfAborted();
      content = await appendToTemporary(content, chunk);
    }
    return content;
  } catch (error) {
    await content.close();
    if (!isGzipError(error)) throw error;
    const problem = `it cannot be unpacked: ${error.message}; the file is damaged, or is not gzip`;
    throw new FileError(path, undefined, problem, { cause: error });
  } finally {
    packed.destroy();
  }
}

const isGzipError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && /^Z_/.test((error as NodeJS.ErrnoException).code ?? '');
