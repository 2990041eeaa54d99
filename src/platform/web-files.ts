/** @file A page's files: a tree in memory, into which bytes and blobs (a chosen file, a download) are mounted. */
import type { FileSystem, OpenFile } from './platform.js';
import { basename, dirname, resolve } from './posix-path.js';

interface Folder {
  readonly kind: 'folder';
  readonly entries: Map<string, Entry>;
  readonly modified: number;
}
type Entry = Folder | StoredFile;

const newFolder = (): Folder => ({ kind: 'folder', entries: new Map(), modified: Date.now() });

/** Mounted content is read in place; a file that is written to gets its own copy. */
class StoredFile {
  readonly kind = 'file';
  modified = Date.now();
  #mounted: Uint8Array | Blob | undefined;
  /** Larger than the content, so that appending is cheap. */
  #own = new Uint8Array();
  #size: number;

  constructor(mounted: Uint8Array | Blob = new Uint8Array()) {
    this.#mounted = mounted;
    this.#size = mounted instanceof Blob ? mounted.size : mounted.length;
  }

  get size(): number {
    return this.#size;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const end = Math.min(position + target.length, this.#size);
    if (end <= position) return 0;
    const content = this.#mounted ?? this.#own;
    const bytes =
      content instanceof Blob
        ? new Uint8Array(await content.slice(position, end).arrayBuffer())
        : content.subarray(position, end);
    target.set(bytes);
    return bytes.length;
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#reserve(this.#size + bytes.length);
    this.#own.set(bytes, this.#size);
    this.#size += bytes.length;
    this.modified = Date.now();
  }

  async truncate(size: number): Promise<void> {
    await this.#reserve(size);
    this.#own.fill(0, size);
    this.#size = size;
    this.modified = Date.now();
  }

  blob(): Blob {
    if (this.#mounted instanceof Blob) return this.#mounted;
    return new Blob([(this.#mounted ?? this.#own.slice(0, this.#size)) as Uint8Array<ArrayBuffer>]);
  }

  async bytes(): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.#size);
    await this.read(bytes, 0);
    return bytes;
  }

  async #reserve(size: number): Promise<void> {
    if (this.#mounted === undefined && size <= this.#own.length) return;
    const larger = new Uint8Array(Math.max(size, 2 * this.#size));
    await this.read(larger, 0);
    this.#own = larger;
    this.#mounted = undefined;
  }
}

/** An error like those of Node's file system. */
export class FileSystemError extends Error {
  readonly syscall: string;

  constructor(
    readonly code: keyof typeof meanings,
    { syscall, path }: { syscall: string; path: string },
  ) {
    super(`${code}: ${meanings[code]}, ${syscall} '${path}'`);
    this.syscall = syscall;
  }
}

const meanings = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EISDIR: 'illegal operation on a directory',
  EEXIST: 'file already exists',
  ENOTEMPTY: 'directory not empty',
  ENOSPC: 'no space left on device',
  EXDEV: 'cross-device link not permitted',
  ENOTSUP: 'operation not supported',
  EBUSY: 'resource busy or locked',
} as const;

const root = newFolder();

function find(path: string): Entry | undefined {
  let entry: Entry | undefined = root;
  for (const name of resolve(path).split('/').slice(1)) {
    if (name === '') break; // the root itself
    if (entry?.kind !== 'folder') return undefined;
    entry = entry.entries.get(name);
  }
  return entry;
}

function existing(path: string, syscall: string): Entry {
  const entry = find(path);
  if (!entry) throw missing(path, syscall);
  return entry;
}

/** Explains why nothing is at a path. */
function missing(path: string, syscall: string): FileSystemError {
  let above = dirname(resolve(path));
  while (!find(above)) above = dirname(above);
  return new FileSystemError(find(above)!.kind === 'file' ? 'ENOTDIR' : 'ENOENT', { syscall, path });
}

function existingFile(path: string, syscall: string): StoredFile {
  const entry = existing(path, syscall);
  if (entry.kind === 'folder') throw new FileSystemError('EISDIR', { syscall, path });
  return entry;
}

function existingFolder(path: string, syscall: string): Folder {
  const entry = existing(path, syscall);
  if (entry.kind !== 'folder') throw new FileSystemError('ENOTDIR', { syscall, path });
  return entry;
}

/** Creates a folder and its missing parents. Returns whether any of them was missing. */
function makeFolder(path: string): boolean {
  const found = find(path);
  if (found?.kind === 'folder') return false;
  if (found) throw new FileSystemError('EEXIST', { syscall: 'mkdir', path });
  const problem = missing(path, 'mkdir');
  if (problem.code === 'ENOTDIR') throw problem;
  makeFolder(dirname(resolve(path)));
  put(path, newFolder(), 'mkdir');
  return true;
}

function put(path: string, entry: Entry, syscall: string): void {
  existingFolder(dirname(resolve(path)), syscall).entries.set(basename(resolve(path)), entry);
}

const takeAway = (path: string) => {
  const folder = find(dirname(resolve(path)));
  if (folder?.kind === 'folder') folder.entries.delete(basename(resolve(path)));
};

/** Puts content at a path, and creates the folders above it. A blob is read only when the file is. */
export function mount(path: string, content: Uint8Array | Blob): void {
  makeFolder(dirname(resolve(path)));
  put(path, new StoredFile(content), 'mount');
}

/** A file's current content. */
export const memoryBlob = (path: string): Blob => existingFile(path, 'open').blob();

export const memoryFiles: FileSystem = {
  async open(path, mode) {
    if (mode === 'read' || (mode === 'append' && find(path))) return openFile(existingFile(path, 'open'));
    if (find(path)) throw new FileSystemError('EEXIST', { syscall: 'open', path });
    const file = new StoredFile();
    put(path, file, 'open');
    return openFile(file);
  },
  openTemporary: async () => openFile(new StoredFile()),
  readBytes: async (path) => existingFile(path, 'read').bytes(),
  readText: async (path) => textOf(await existingFile(path, 'read').bytes()),

  async stat(path) {
    const entry = find(path);
    if (!entry) return undefined;
    return { kind: entry.kind, size: entry.kind === 'file' ? entry.size : 0, modified: entry.modified };
  },

  list: async (folder) => [...existingFolder(folder, 'scandir').entries.keys()],
  makeFolder: async (path) => makeFolder(path),
  copy: async (from, to) => put(to, new StoredFile(await existingFile(from, 'copyfile').bytes()), 'copyfile'),

  async rename(from, to) {
    const entry = existing(from, 'rename');
    const replaced = find(to);
    if (replaced && replaced.kind !== entry.kind) {
      const code = entry.kind === 'folder' ? 'ENOTDIR' : 'EISDIR';
      throw new FileSystemError(code, { syscall: 'rename', path: to });
    }
    if (replaced?.kind === 'folder' && replaced.entries.size > 0)
      throw new FileSystemError('ENOTEMPTY', { syscall: 'rename', path: to });
    put(to, entry, 'rename');
    if (resolve(from) !== resolve(to)) takeAway(from);
  },

  async link(from, to) {
    const file = existingFile(from, 'link');
    if (find(to)) throw new FileSystemError('EEXIST', { syscall: 'link', path: to });
    put(to, file, 'link');
  },

  remove: async (path) => takeAway(path),

  async removeEmptyFolder(path) {
    if (existingFolder(path, 'rmdir').entries.size > 0)
      throw new FileSystemError('ENOTEMPTY', { syscall: 'rmdir', path });
    takeAway(path);
  },

  /** Nothing here outlives the page. */
  async flush() {},

  async realpath(path) {
    existing(path, 'realpath');
    return resolve(path);
  },
};

export const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

function openFile(file: StoredFile): OpenFile {
  return {
    read: (target, position) => file.read(target, position),
    size: async () => file.size,
    append: (content) =>
      file.append(typeof content === 'string' ? new TextEncoder().encode(content) : content),
    truncate: (size) => file.truncate(size),
    async sync() {},
    async close() {},
  };
}
