/** @file Digests of files, by which runs, checkpoints and adapters recognize the files that they started from. */
import { fileSystem, sha256 } from '#platform';
import { withFileErrors } from './files.js';
import type { ModelFolder } from './model-folder.js';
import { readChunks } from './read-chunks.js';

/** SHA-256 of all bytes of a file. */
export async function fileDigest(path: string, signal?: AbortSignal): Promise<string> {
  return withFileErrors(path, 'read', async () => {
    const file = await fileSystem.open(path, 'read');
    try {
      const hash = sha256();
      for await (const chunk of readChunks(file, { signal })) hash.update(chunk);
      return hash.hex();
    } finally {
      await file.close();
    }
  });
}

const sampleBytes = 1024;

/**
 * A digest of a model's weights that takes milliseconds whatever their size: SHA-256 of every tensor's name, type and
 * shape, and of its first, middle and last kilobyte. It distinguishes models from each other and from trained,
 * truncated or shifted versions of themselves, but misses a changed byte between the samples.
 */
export async function weightsDigest({ tensors }: ModelFolder): Promise<string> {
  const hash = sha256();
  const sample = new Uint8Array(sampleBytes);
  const digests = new Map<string, string>();
  for (const path of new Set([...tensors.values()].map((tensor) => tensor.path))) {
    const inFile = [...tensors].filter(([, tensor]) => tensor.path === path);
    await withFileErrors(path, 'read', async () => {
      const file = await fileSystem.open(path, 'read');
      try {
        for (const [name, { dtype, shape, offset, byteLength }] of inFile) {
          const own = sha256().update(`${dtype} ${shape.join('x')}\n`);
          const last = Math.max(0, byteLength - sampleBytes);
          for (const start of new Set([0, last >> 1, last])) {
            const count = await file.read(
              sample.subarray(0, Math.min(sampleBytes, byteLength)),
              offset + start,
            );
            own.update(sample.subarray(0, count));
          }
          digests.set(name, own.hex());
        }
      } finally {
        await file.close();
      }
    });
  }
  for (const name of [...digests.keys()].sort()) hash.update(`${name} ${digests.get(name)}\n`);
  return hash.hex();
}
