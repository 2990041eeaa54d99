/** @file The platform Node.js. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import type { Platform } from './platform.js';

export { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
export { fileSystem } from './node-files.js';
export { host } from './node-host.js';
export type * from './platform.js';

export const yieldToEvents: Platform['yieldToEvents'] = () => setImmediate();

export const sha256: Platform['sha256'] = () => {
  const hash = createHash('sha256');
  const own = {
    update(data: string | Uint8Array) {
      hash.update(data);
      return own;
    },
    hex: () => hash.digest('hex'),
  };
  return own;
};

export async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(packed);
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  try {
    yield* source.pipe(unpacked);
  } finally {
    source.destroy();
  }
}
