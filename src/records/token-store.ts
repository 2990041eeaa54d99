/** @file Token ids in the order of appending: in memory while they are few, otherwise in a temporary file. */
import type { OpenFile } from '#platform';
import { openTemporary } from './temporary-file.js';

export interface TokenStore {
  /** Appends one example's ids, which stay together. */
  append(ids: ArrayLike<number>): Promise<void>;
  /** Reads `count` ids of one example, from the `start`th id that was appended. */
  read(start: number, count: number): Promise<Int32Array>;
  /** Frees the memory and the file. */
  close(): Promise<void>;
}

/** A store that holds at most `memoryLimit` bytes of ids in memory (more only for a single larger example). */
export function tokenStore(memoryLimit: number): TokenStore {
  const maxBuffered = Math.floor(memoryLimit / Int32Array.BYTES_PER_ELEMENT);
  let buffer = new Int32Array(0);
  let buffered = 0;
  let file: OpenFile | undefined;
  let inFile = 0; // ids in the file; those in the buffer follow them

  async function moveToFile(): Promise<void> {
    file ??= await openTemporary();
    await file.append(bytesOf(buffer.subarray(0, buffered)));
    inFile += buffered;
    buffered = 0;
  }

  function reserve(count: number): void {
    if (count <= buffer.length) return;
    const larger = new Int32Array(Math.max(count, Math.min(2 * buffer.length, maxBuffered)));
    larger.set(buffer.subarray(0, buffered));
    buffer = larger;
  }

  return {
    async append(ids) {
      if (buffered > 0 && buffered + ids.length > maxBuffered) await moveToFile();
      reserve(buffered + ids.length);
      buffer.set(ids, buffered);
      buffered += ids.length;
    },
    async read(start, count) {
      if (start >= inFile) return buffer.slice(start - inFile, start - inFile + count);
      const ids = new Int32Array(count);
      await file!.read(bytesOf(ids), start * Int32Array.BYTES_PER_ELEMENT);
      return ids;
    },
    async close() {
      buffer = new Int32Array(0);
      await file?.close();
      file = undefined;
    },
  };
}

function bytesOf(ids: Int32Array): Uint8Array {
  return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
}
