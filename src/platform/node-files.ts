/** @file Files and folders of Node.js. */
import { randomUUID } from 'node:crypto';
import {
  copyFile,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { host } from './node-host.js';
import type { FileSystem, OpenFile } from './platform.js';

const flags = { read: 'r', append: 'a', create: 'wx' } as const;

/** One read of the system's takes at most 2 GiB. */
const longestRead = 2 ** 30;

export const fileSystem: FileSystem = {
  open: async (path, mode) => openFile(await open(path, flags[mode])),

  async openTemporary() {
    const path = join(host.temporaryFolder, `promptune-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path); // the open handle keeps the bytes
    return openFile(handle);
  },

  readBytes: (path) => readFile(path),
  readText: (path) => readFile(path, 'utf8'),

  async stat(path) {
    try {
      const found = await stat(path);
      const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
      return { kind, size: found.size, modified: found.mtimeMs };
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  },

  list: (folder) => readdir(folder),
  makeFolder: async (path) => (await mkdir(path, { recursive: true })) !== undefined,
  copy: (from, to) => copyFile(from, to),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  removeEmptyFolder: (path) => rmdir(path),

  async flush(path) {
    // Windows flushes only what is open for writing, and keeps renames itself.
    if (process.platform === 'win32') return;
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  realpath: (path) => realpath(path),
};

function openFile(handle: FileHandle): OpenFile {
  return {
    async read(target, position) {
      let filled = 0;
      while (filled < target.length) {
        const length = Math.min(target.length - filled, longestRead);
        const { bytesRead } = await handle.read(target, filled, length, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    size: async () => (await handle.stat()).size,
    append: (content) => handle.appendFile(content),
    truncate: (size) => handle.truncate(size),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
