/** @file Downloads one file. An interrupted download resumes where it ended. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileError } from '../errors.js';
import { say } from '../say.js';
import { HubResponseError, isConnectionError } from './request.js';

export interface RemoteFile {
  readonly url: string;
  readonly size: number;
  /** SHA-256 of the content for files in large file storage, git's SHA-1 of a blob for others, in hexadecimal. */
  readonly hash: string;
}

export interface DownloadFileOptions {
  readonly request: typeof fetch;
  /** Called with the number of bytes on disk, first with those of an earlier attempt. */
  readonly onBytes: (loadedBytes: number) => void;
}

/**
 * Downloads a file to `path`, through `path`.incomplete, unless it exists. Concurrent downloads of one file are safe:
 * each writes the same bytes to the same places.
 *
 * @throws FileError if size or hash are wrong; what `request` throws, if no more bytes arrive; errors of the file
 *   system
 */
export async function downloadFile(
  path: string,
  file: RemoteFile,
  options: DownloadFileOptions,
): Promise<void> {
  if ((await stat(path).catch(() => undefined))?.size === file.size) return options.onBytes(file.size);
  const partial = `${path}.incomplete`;
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    let loaded = (await handle.stat()).size;
    if (loaded > file.size) {
      await handle.truncate();
      loaded = 0;
    }
    options.onBytes(loaded);
    while (loaded < file.size) loaded = await downloadRest(handle, loaded, file, options);
    await handle.sync();
    const found = await hashOf(handle, file);
    if (found !== file.hash) {
      await Promise.all([rm(partial, { force: true }), rm(path, { force: true })]);
      throw new FileError(
        file.url,
        undefined,
        say`the download was damaged and has been removed (its hash is ${found}, expected
          ${file.hash}); try again`,
      );
    }
  } finally {
    await handle.close();
  }
  await rename(partial, path).catch(async (error) => {
    await stat(path).catch(() => Promise.reject(error)); // another download of this file was faster
  });
}

/**
 * Requests the bytes from `loaded` and writes them.
 * @returns the number of bytes on disk now: more than before, but not all if the connection was lost
 */
async function downloadRest(
  handle: FileHandle,
  loaded: number,
  file: RemoteFile,
  { request, onBytes }: DownloadFileOptions,
): Promise<number> {
  const response = await request(file.url, loaded > 0 ? { headers: { range: `bytes=${loaded}-` } } : {});
  let position = startOfBody(response, loaded);
  let cut: unknown;
  try {
    for await (const chunk of response.body ?? []) {
      if (position + chunk.length > file.size)
        throw new FileError(
          file.url,
          undefined,
          say`it is longer than the ${file.size} bytes it should have`,
        );
      await writeAt(handle, chunk, position);
      position += chunk.length;
      onBytes(position);
    }
  } catch (error) {
    if (!isConnectionError(error)) throw error;
    cut = error;
  }
  if (position <= loaded)
    throw cut ?? new HubResponseError(say`it sent nothing after ${position} bytes of ${file.size}`);
  return position;
}

/** A server may send the whole file although a part was requested. */
function startOfBody(response: Response, requested: number): number {
  if (response.status !== 206) return 0;
  const range = response.headers.get('content-range') ?? '';
  if (range.startsWith(`bytes ${requested}-`)) return requested;
  throw new HubResponseError(say`asked for the bytes from ${requested} on, it sent "${range}"`);
}

async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written);
    written += bytesWritten;
  }
}

async function hashOf(handle: FileHandle, { size, hash }: RemoteFile): Promise<string> {
  const digest = hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
  await pipeline(handle.createReadStream({ start: 0, autoClose: false }), digest);
  return digest.digest('hex');
}
