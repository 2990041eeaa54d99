/** @file Files and folders of Node.js. */
import { randomUUID } from 'node:crypto';
import {
  constants,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { host } from './node-host.js';
import type { FileSystem, OpenFile } from './platform.js';

const flags = { append: 'a', create: 'wx' } as const;

/** The system reads at most 2 GiB at once. */
const longestRead = 2 ** 30;

/** In bytes: a string has at most 2^29 - 24 characters, and a text file is parsed as a whole. */
const longestText = 2 ** 28;

export const fileSystem: FileSystem = {
  open: async (path, mode) => openFile(await (mode === 'read' ? openRegular(path) : open(path, flags[mode]))),

  async openTemporary() {
    const path = join(host.temporaryFolder, `promptune-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path); // the open handle keeps the bytes
    return openFile(handle);
  },

  readBytes: (path) => readWhole(path, longestRead),
  readText: async (path) => (await readWhole(path, longestText)).toString('utf8'),

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
  async makeFolder(path) {
    try {
      return (await mkdir(path, { recursive: true })) !== undefined;
    } catch (error) {
      // That is also what Node says of a read-only disk. Folder by folder, the true reason comes out.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
      await fileSystem.makeFolder(dirname(path));
      await mkdir(path);
      return true;
    }
  },
  async copy(from, to) {
    await (await openRegular(from)).close();
    await copyFile(from, to);
  },
  rename,
  link,
  remove: (path) => rm(path, { recursive: true, force: true }),
  removeEmptyFolder: (path) => rmdir(path),

  async flush(path) {
    // Windows only flushes files that are open for writing, and makes renames durable itself.
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

/** A pipe may block forever, and a device may have no end: neither is read. */
async function openRegular(path: string): Promise<FileHandle> {
  // Without NONBLOCK, opening a pipe would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const found = await handle.stat();
  if (found.isFile()) return handle;
  await handle.close();
  throw readError(path, found.isDirectory() ? 'EISDIR' : 'ENOTREG', 'not a regular file');
}

async function readWhole(path: string, limit: number): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > limit) throw readError(path, 'ETOOLARGE', `${size} bytes, at most ${limit} are read at once`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** An error like those of the operating system. */
function readError(path: string, code: string, problem: string): Error {
  return Object.assign(new Error(`${code}: ${problem}, read '${path}'`), { code, syscall: 'read', path });
}

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
