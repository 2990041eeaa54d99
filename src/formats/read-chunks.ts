/** @file Reads an open file from its beginning to its end, chunk by chunk. */
import type { OpenFile } from '#platform';

export interface ReadChunksOptions {
  /** Bytes per chunk, except the last. Default: 1 MiB. */
  readonly chunkBytes?: number;
  readonly signal?: AbortSignal;
}

/** Chunks of the file, each in a buffer of its own. */
export async function* readChunks(
  file: OpenFile,
  { chunkBytes = 2 ** 20, signal }: ReadChunksOptions = {},
): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    signal?.throwIfAborted();
    const chunk = new Uint8Array(chunkBytes);
    const count = await file.read(chunk, position);
    if (count === 0) return;
    yield chunk.subarray(0, count);
    position += count;
  }
}
