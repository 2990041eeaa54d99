/**
 * @file The platform of a page or a web worker. It uses nothing that Node.js 20 does not have as well, so tests run
 * there.
 */
import type { Host, Platform } from './platform.js';

export type * from './platform.js';
export { basename, dirname, extname, join, relative, resolve, sep } from './posix-path.js';
export { sha256 } from './sha256.js';
export { fileSystem, mount } from './web-files.js';

const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };

/** The one process that a page has. */
const self = { pid: 1, started: `${Math.round(performance.timeOrigin)}`, space: 'page' };

export const host: Host = {
  system: 'browser',
  architecture: 'wasm',
  name: 'browser',
  process: self,
  threads: navigator?.hardwareConcurrency ?? 1,
  temporaryFolder: '/tmp',
  isRunning: async ({ pid, started }) => pid === self.pid && (started ?? self.started) === self.started,
  memoryUsage: () => ({ privateBytes: 0, peakBytes: 0 }),
  cacheFolder: () => '/cache/promptune',
};

/** By a message: timers are throttled in pages that nobody looks at. */
export const yieldToEvents: Platform['yieldToEvents'] = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const onmessage = () => {
      port1.close();
      resolve();
    };
    Object.assign(port1, { onmessage }); // which Node's declarations do not have
    port2.postMessage(undefined);
  });

export async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  const writing = (async () => {
    try {
      for await (const chunk of packed) await writer.write(chunk);
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
    }
  })();
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
    await writing;
  }
}
