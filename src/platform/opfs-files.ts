/**
 * @file Files that outlive the page, in the browser's own file system for this origin (https://fs.spec.whatwg.org), of
 *   which each tab has the same. It writes in dedicated workers alone. Files are renamed by one step; folders are not,
 *   so what is to be done is noted first, and whoever comes after a tab that was closed in between finishes it.
 */
import type { FileStat, FileSystem, OpenFile } from './platform.js';
import { basename, dirname, join, relative, resolve } from './posix-path.js';
import { type FileHandle, type FolderHandle, type SyncAccessHandle, web } from './web-apis.js';
import { FileSystemError, textOf } from './web-files.js';

const notePrefix = '.renaming-';

/** Names of the browser's errors as those of a file system. */
const codes: Readonly<Record<string, ConstructorParameters<typeof FileSystemError>[0]>> = {
  NotFoundError: 'ENOENT',
  TypeMismatchError: 'ENOTDIR',
  InvalidModificationError: 'ENOTEMPTY',
  NoModificationAllowedError: 'EBUSY',
  QuotaExceededError: 'ENOSPC',
};

async function told<T>(syscall: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const code = codes[(error as Error).name];
    if (code === undefined || error instanceof FileSystemError) throw error;
    throw new FileSystemError(code, { syscall, path });
  }
}

/** Alone among all tabs, for as long as `run` takes. */
const alone = <T>(what: string, run: () => Promise<T>): Promise<T> =>
  web.navigator?.locks ? web.navigator.locks.request(`promptune ${what}`, run) : run();

export class OpfsFiles implements FileSystem {
  #recovered: Promise<void> | undefined;

  /**
   * @param at the path of the folder as its files' paths begin with it: the name of a top folder
   * @param root the folder itself
   */
  constructor(
    private readonly at: string,
    private readonly root: FolderHandle,
  ) {}

  async open(path: string, mode: 'read' | 'append' | 'create'): Promise<OpenFile> {
    if (mode === 'read') return readOnly(path, await this.blob(path));
    return told('open', path, () =>
      alone(`create ${path}`, async () => {
        const found = await this.#entry(path);
        if (found && mode === 'create') throw new FileSystemError('EEXIST', { syscall: 'open', path });
        if (found?.kind === 'directory') throw new FileSystemError('EISDIR', { syscall: 'open', path });
        const folder = await this.#folder(dirname(resolve(path)), 'open');
        const handle = await folder.getFileHandle(basename(path), { create: true });
        return writable(path, await handle.createSyncAccessHandle());
      }),
    );
  }

  async openTemporary(): Promise<OpenFile> {
    throw new FileSystemError('ENOTSUP', { syscall: 'open', path: 'a file without a name' });
  }

  async readBytes(path: string): Promise<Uint8Array> {
    const blob = await this.blob(path);
    return new Uint8Array(await told('read', path, () => blob.arrayBuffer()));
  }

  async readText(path: string): Promise<string> {
    return textOf(await this.readBytes(path));
  }

  async stat(path: string): Promise<FileStat | undefined> {
    const entry = await this.#entry(path);
    if (!entry) return undefined;
    if (entry.kind === 'directory') return { kind: 'folder', size: 0, modified: 0 };
    const { size, lastModified } = await entry.getFile();
    return { kind: 'file', size, modified: lastModified };
  }

  async list(path: string): Promise<string[]> {
    const folder = await this.#folder(path, 'scandir');
    const names: string[] = [];
    for await (const { name } of folder.values()) if (!name.startsWith(notePrefix)) names.push(name);
    return names;
  }

  async makeFolder(path: string): Promise<boolean> {
    if ((await this.#entry(path))?.kind === 'directory') return false;
    await told('mkdir', path, async () => {
      let folder = this.root;
      for (const name of this.#names(path)) folder = await folder.getDirectoryHandle(name, { create: true });
    });
    return true;
  }

  async copy(from: string, to: string): Promise<void> {
    await this.put(to, await this.blob(from));
  }

  /** Makes a file of content, in the place of one that is there. */
  async put(path: string, content: Blob): Promise<void> {
    await this.remove(path);
    const file = await this.open(path, 'create');
    try {
      for await (const chunk of chunksOf(content)) await file.append(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const entry = await this.#entry(from);
    if (!entry) throw new FileSystemError('ENOENT', { syscall: 'rename', path: from });
    const replaced = await this.#entry(to);
    if (replaced && replaced.kind !== entry.kind)
      throw new FileSystemError(entry.kind === 'file' ? 'EISDIR' : 'ENOTDIR', {
        syscall: 'rename',
        path: to,
      });
    if (replaced?.kind === 'directory' && !(await isEmpty(replaced)))
      throw new FileSystemError('ENOTEMPTY', { syscall: 'rename', path: to });
    if (resolve(from) === resolve(to)) return;
    await told('rename', to, async () => {
      const parent = await this.#folder(dirname(resolve(to)), 'rename');
      if (entry.kind === 'file')
        return moveFile(entry, await this.#folder(dirname(resolve(from)), 'rename'), parent, basename(to));
      return alone('rename', () => this.#noted(from, to));
    });
  }

  /** There are no second names. */
  async link(_from: string, to: string): Promise<void> {
    if (await this.#entry(to)) throw new FileSystemError('EEXIST', { syscall: 'link', path: to });
    throw new FileSystemError('ENOTSUP', { syscall: 'link', path: to });
  }

  async remove(path: string): Promise<void> {
    if (!(await this.#entry(path))) return;
    const folder = await this.#folder(dirname(resolve(path)), 'rm');
    await told('rm', path, () => folder.removeEntry(basename(path), { recursive: true }));
  }

  async removeEmptyFolder(path: string): Promise<void> {
    if (!(await isEmpty(await this.#folder(path, 'rmdir'))))
      throw new FileSystemError('ENOTEMPTY', { syscall: 'rmdir', path });
    await this.remove(path);
  }

  /** Files are flushed where they are written. */
  async flush(): Promise<void> {}

  async realpath(path: string): Promise<string> {
    if (!(await this.#entry(path))) throw new FileSystemError('ENOENT', { syscall: 'realpath', path });
    return resolve(path);
  }

  /** A file's content, which is read where somebody reads it. */
  async blob(path: string): Promise<Blob> {
    const entry = await this.#entry(path);
    if (!entry) throw new FileSystemError('ENOENT', { syscall: 'open', path });
    if (entry.kind !== 'file') throw new FileSystemError('EISDIR', { syscall: 'open', path });
    return told('open', path, () => entry.getFile());
  }

  /** What is at a path. The first call finishes what a tab before left undone. */
  async #entry(path: string): Promise<FileHandle | FolderHandle | undefined> {
    this.#recovered ??= alone('rename', () => this.#finishRenames());
    await this.#recovered;
    return this.#find(path);
  }

  #find(path: string): Promise<FileHandle | FolderHandle | undefined> {
    return entryBelow(this.root, this.#names(path));
  }

  #names(path: string): string[] {
    return relative(this.at, path)
      .split('/')
      .filter((name) => name !== '');
  }

  async #folder(path: string, syscall: string): Promise<FolderHandle> {
    const entry = await this.#entry(path);
    if (!entry) throw new FileSystemError('ENOENT', { syscall, path });
    if (entry.kind !== 'directory') throw new FileSystemError('ENOTDIR', { syscall, path });
    return entry;
  }

  async #noted(from: string, to: string): Promise<void> {
    const note = await this.root.getFileHandle(`${notePrefix}${crypto.randomUUID()}`, { create: true });
    const file = writable(note.name, await note.createSyncAccessHandle());
    await file.append(JSON.stringify({ from, to }));
    await file.sync();
    await file.close();
    await this.#moveFolder(from, to);
    await this.root.removeEntry(note.name);
  }

  async #finishRenames(): Promise<void> {
    const notes: FileHandle[] = [];
    for await (const entry of this.root.values())
      if (entry.kind === 'file' && entry.name.startsWith(notePrefix)) notes.push(entry);
    for (const note of notes) {
      const text = await (await note.getFile()).text();
      // A note that is not whole was the end of it: nothing has been moved yet.
      if (text.endsWith('}')) {
        const { from, to } = JSON.parse(text) as { from: string; to: string };
        await this.#moveFolder(from, to);
      }
      await this.root.removeEntry(note.name);
    }
  }

  /** Moves what is still there, so that it may begin again at any point. */
  async #moveFolder(from: string, to: string): Promise<void> {
    const source = await this.#find(from);
    if (source?.kind !== 'directory') return;
    let target = this.root;
    for (const name of this.#names(to)) target = await target.getDirectoryHandle(name, { create: true });
    const entries: (FileHandle | FolderHandle)[] = [];
    for await (const entry of source.values()) entries.push(entry);
    for (const entry of entries) {
      if (entry.kind === 'directory') await this.#moveFolder(join(from, entry.name), join(to, entry.name));
      else await moveFile(entry, source, target, entry.name);
    }
    const parent = (await this.#find(dirname(from))) as FolderHandle;
    await parent.removeEntry(basename(from), { recursive: true });
  }
}

async function entryBelow(
  root: FolderHandle,
  names: readonly string[],
): Promise<FileHandle | FolderHandle | undefined> {
  let folder = root;
  for (const [i, name] of names.entries()) {
    try {
      folder = await folder.getDirectoryHandle(name);
    } catch (error) {
      const { name: problem } = error as Error;
      if (problem === 'TypeMismatchError')
        return i === names.length - 1 ? await folder.getFileHandle(name) : undefined;
      if (problem === 'NotFoundError') return undefined;
      throw error;
    }
  }
  return folder;
}

async function isEmpty(folder: FolderHandle): Promise<boolean> {
  for await (const _ of folder.values()) return false;
  return true;
}

/** Moves a file, over one of that name. */
async function moveFile(file: FileHandle, from: FolderHandle, to: FolderHandle, name: string): Promise<void> {
  if (file.move) return file.move(to, name);
  const content = await file.getFile();
  const handle = await to.getFileHandle(name, { create: true });
  const copy = writable(name, await handle.createSyncAccessHandle());
  try {
    await copy.truncate(0);
    for await (const chunk of chunksOf(content)) await copy.append(chunk);
    await copy.sync();
  } finally {
    await copy.close();
  }
  await from.removeEntry(file.name);
}

const chunksOf = (blob: Blob) => blob.stream() as unknown as AsyncIterable<Uint8Array>;

function readOnly(path: string, content: Blob): OpenFile {
  const refuse = async () => {
    throw new FileSystemError('ENOTSUP', { syscall: 'write', path });
  };
  return {
    async read(target, position) {
      const bytes = await content.slice(position, position + target.length).arrayBuffer();
      target.set(new Uint8Array(bytes));
      return bytes.byteLength;
    },
    size: async () => content.size,
    append: refuse,
    truncate: refuse,
    async sync() {},
    async close() {},
  };
}

function writable(path: string, handle: SyncAccessHandle): OpenFile {
  return {
    read: async (target, position) => handle.read(target, { at: position }),
    size: async () => handle.getSize(),
    append: (content) =>
      told('write', path, async () => {
        const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
        for (let done = 0; done < bytes.length; ) {
          const written = handle.write(bytes.subarray(done), { at: handle.getSize() });
          if (written === 0) throw new FileSystemError('ENOSPC', { syscall: 'write', path });
          done += written;
        }
      }),
    truncate: (size) => told('ftruncate', path, async () => handle.truncate(size)),
    sync: async () => handle.flush(),
    close: async () => handle.close(),
  };
}
