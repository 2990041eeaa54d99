/**
 * @file The platform of a page or a web worker. Without storage it only uses what Node.js 20 has too, so tests run
 *   there.
 */
import { OpfsFiles } from './opfs-files.js';
import type { FileSystem, Host, Platform } from './platform.js';
import { resolve } from './posix-path.js';
import { web } from './web-apis.js';
import { FileSystemError, memoryBlob, memoryFiles } from './web-files.js';

export type * from './platform.js';
export { basename, dirname, extname, join, relative, resolve, sep } from './posix-path.js';
export { sha256 } from './sha256.js';
export { mount } from './web-files.js';

/** Everything below it is stored, once `openStorage` has been called; the rest is in memory. */
export const storedFolder = '/stored';

let stored: OpfsFiles | undefined;

/** Opens storage that outlives the page. Returns whether there is any: private windows of some browsers have none. */
export async function openStorage(): Promise<boolean> {
  try {
    const root = await web.navigator?.storage?.getDirectory?.();
    stored ??=
      root && new OpfsFiles(storedFolder, await root.getDirectoryHandle('promptune', { create: true }));
  } catch {}
  return stored !== undefined;
}

const filesAt = (path: string): FileSystem =>
  stored && `${resolve(path)}/`.startsWith(`${storedFolder}/`) ? stored : memoryFiles;

/** A file's content, to be read in place. */
export const blobOf = async (path: string): Promise<Blob> =>
  filesAt(path) === stored ? stored.blob(path) : memoryBlob(path);

/** The file system of both paths. */
function filesOfBoth(from: string, to: string, syscall: string): FileSystem {
  if (filesAt(from) === filesAt(to)) return filesAt(to);
  throw new FileSystemError('EXDEV', { syscall, path: to });
}

export const fileSystem: FileSystem = {
  open: (path, mode) => filesAt(path).open(path, mode),
  openTemporary: () => memoryFiles.openTemporary(),
  readBytes: (path) => filesAt(path).readBytes(path),
  readText: (path) => filesAt(path).readText(path),
  stat: (path) => filesAt(path).stat(path),
  list: (folder) => filesAt(folder).list(folder),
  makeFolder: (path) => filesAt(path).makeFolder(path),
  copy: (from, to) => filesOfBoth(from, to, 'copyfile').copy(from, to),
  rename: (from, to) => filesOfBoth(from, to, 'rename').rename(from, to),
  link: (from, to) => filesOfBoth(from, to, 'link').link(from, to),
  remove: (path) => filesAt(path).remove(path),
  removeEmptyFolder: (path) => filesAt(path).removeEmptyFolder(path),
  flush: (path) => filesAt(path).flush(path),
  realpath: (path) => filesAt(path).realpath(path),
};

/** Identifies this worker among those of all tabs: it holds a lock of this name as long as it lives. */
const self = { pid: 1, started: crypto.randomUUID().replaceAll('-', ''), space: 'page' };
const lockOf = (started: string) => `promptune worker ${started}`;
const { locks, hardwareConcurrency = 1 } = web.navigator ?? {};

/** Shows other tabs that this worker is alive, so that what it has locked counts as in use. */
export function announceWorker(): void {
  void locks?.request(lockOf(self.started), () => new Promise(() => {}));
}

async function isAlive(started: string): Promise<boolean> {
  const { held = [] } = (await locks?.query()) ?? {};
  return held.some(({ name }) => name === lockOf(started));
}

export const host: Host = {
  system: 'browser',
  architecture: 'wasm',
  name: 'browser',
  process: self,
  threads: web.crossOriginIsolated === false ? 1 : hardwareConcurrency, // shared memory needs isolation
  temporaryFolder: '/tmp',
  isRunning: async ({ pid, started = self.started }) =>
    pid === self.pid && (started === self.started || (await isAlive(started))),
  memoryUsage: () => ({ privateBytes: 0, peakBytes: 0 }),
  cacheFolder: () => '/cache/promptune',
};

/** Uses a message, since timers are throttled in background pages. */
export const yieldToEvents: Platform['yieldToEvents'] = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const onmessage = () => {
      port1.close();
      resolve();
    };
    Object.assign(port1, { onmessage }); // missing in Node's declarations
    port2.postMessage(undefined);
  });

export async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { readable, writable } = new DecompressionStream('gzip');
  const writer = writable.getWriter();
  const writing = (async () => {
    try {
      for await (const chunk of packed) await writer.write(chunk as Uint8Array<ArrayBuffer>);
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
