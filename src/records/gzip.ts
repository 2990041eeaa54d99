/**
 * @file Gzip: a compressed data file is decompressed once into a temporary file, where records can be read in any
 *   order.
 */
import { gunzip, type OpenFile } from '#platform';
import { FileError } from '../errors.js';
import { systemErrorCode } from '../formats/files.js';
import { readChunks } from '../formats/read-chunks.js';
import { say } from '../say.js';
import { openTemporary } from './temporary-file.js';

/** Bytes of the compressed file that are read at a time. */
const chunkBytes = 256 * 1024;

/** Well compressed data takes a tenth of its size; gzip can compress zeros to a thousandth. */
const maxRatio = 200;

/** Allowed however small the compressed file is. */
const harmlessBytes = 2 ** 26;

/** Not exceeded however large the compressed file is. */
const maxBytes = 2 ** 36;

/**
 * Decompresses a file, and closes it.
 * @throws FileError if it is not gzip or ends early; the signal's reason once aborted
 */
export async function unzipped(file: OpenFile, path: string, signal?: AbortSignal): Promise<OpenFile> {
  const content = await openTemporary();
  const limit = Math.min(maxBytes, Math.max(harmlessBytes, maxRatio * (await file.size())));
  let unpacked = 0;
  try {
    for await (const chunk of explained(gunzip(readChunks(file, { chunkBytes })), path)) {
      signal?.throwIfAborted();
      unpacked += chunk.length;
      if (unpacked > limit)
        throw new FileError(
          path,
          undefined,
          say`it unpacks to more than ${limit} bytes, which data hardly does; if it is right, unpack
            it with gunzip and give that file`,
        );
      await content.append(chunk);
    }
    return content;
  } catch (error) {
    await content.close();
    throw error;
  } finally {
    await file.close();
  }
}

async function* explained(chunks: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (systemErrorCode(error)) throw error;
    const problem = say`it cannot be unpacked: ${(error as Error).message}; the file is damaged, or is not gzip`;
    throw new FileError(path, undefined, problem, { cause: error });
  }
}
