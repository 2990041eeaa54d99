/**
 * @file How fast this machine reads memory with all of its cores. Each searches its share of half a gigabyte for a byte
 *   that does not occur: `Buffer.indexOf` is the C library's vectorized memchr, which does nothing but read.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

export interface Reader {
  readonly bytes: number;
  /** Reads all bytes once. */
  read(): Promise<void>;
  dispose(): Promise<void>;
}

/** The value of all bytes, and the value that is searched for. */
export const fill = { present: 1, absent: 2 };

export function createReader(bytes = 2 ** 29): Reader {
  const memory = Buffer.from(new SharedArrayBuffer(bytes)).fill(fill.present);
  const threads = availableParallelism();
  const workers = Array.from({ length: threads }, (_, i) => {
    const share = memory.subarray((bytes / threads) * i, (bytes / threads) * (i + 1));
    return new Worker(new URL('./read-worker.js', import.meta.url), { workerData: share });
  });
  return {
    bytes,
    read: async () => {
      await Promise.all(
        workers.map((worker) => {
          const done = new Promise((resolve) => worker.once('message', resolve));
          worker.postMessage('read');
          return done;
        }),
      );
    },
    dispose: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
