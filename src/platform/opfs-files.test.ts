import { describe, expect, it } from 'vitest';
import { OpfsFiles } from './opfs-files.js';
import type { FileHandle, FolderHandle, SyncAccessHandle } from './web-apis.js';

/** What is left until something happens: steps until the tab is closed, bytes until the storage is full. */
interface Limits {
  steps: number;
  bytes: number;
  /** Whether a full file system throws, as in Chromium, or writes less. */
  readonly throwsWhenFull: boolean;
}

const noLimits = (): Limits => ({ steps: Infinity, bytes: Infinity, throwsWhenFull: true });

const fault = (name: string) => Object.assign(new Error(name), { name });

/** A folder as browsers have them, in memory. */
class FakeFolder implements FolderHandle {
  readonly kind = 'directory';
  readonly entries = new Map<string, FakeFolder | FakeFile>();

  constructor(
    readonly name: string,
    readonly limits: Limits,
  ) {}

  async getFileHandle(name: string, { create = false } = {}): Promise<FileHandle> {
    return this.#entry(name, FakeFile, create);
  }

  async getDirectoryHandle(name: string, { create = false } = {}): Promise<FolderHandle> {
    return this.#entry(name, FakeFolder, create);
  }

  async removeEntry(name: string): Promise<void> {
    this.step();
    if (!this.entries.delete(name)) throw fault('NotFoundError');
  }

  async *values() {
    yield* this.entries.values();
  }

  step(): void {
    if (this.limits.steps-- <= 0) throw new Error('the tab was closed');
  }

  #entry<Kind extends FakeFolder | FakeFile>(
    name: string,
    kind: new (name: string, limits: Limits, folder: FakeFolder) => Kind,
    create: boolean,
  ): Kind {
    const found = this.entries.get(name);
    if (found instanceof kind) return found;
    if (found) throw fault('TypeMismatchError');
    if (!create) throw fault('NotFoundError');
    this.step();
    const made = new kind(name, this.limits, this);
    this.entries.set(name, made);
    return made;
  }
}

class FakeFile implements FileHandle {
  readonly kind = 'file';
  #content = new Uint8Array();

  constructor(
    public name: string,
    private readonly limits: Limits,
    private folder: FakeFolder,
  ) {}

  async getFile(): Promise<File> {
    return new File([this.#content], this.name);
  }

  async createSyncAccessHandle(): Promise<SyncAccessHandle> {
    return {
      read: () => 0,
      write: (bytes, { at }) => {
        this.folder.step();
        const room = Math.min(bytes.length, this.limits.bytes);
        if (room < bytes.length && this.limits.throwsWhenFull) throw fault('QuotaExceededError');
        this.limits.bytes -= room;
        this.#content = new Uint8Array([...this.#content.subarray(0, at), ...bytes.subarray(0, room)]);
        return room;
      },
      truncate: (size) => {
        this.#content = this.#content.slice(0, size);
      },
      getSize: () => this.#content.length,
      flush() {},
      close() {},
    };
  }

  async move(folder: FakeFolder, name: string): Promise<void> {
    this.folder.step();
    this.folder.entries.delete(this.name);
    [this.folder, this.name] = [folder, name];
    folder.entries.set(name, this);
  }
}

async function write(files: OpfsFiles, path: string, content: string): Promise<void> {
  const file = await files.open(path, 'create');
  await file.append(content).finally(file.close);
}

describe('a folder that is renamed', () => {
  const opened = (limits: Limits, root = new FakeFolder('', limits)) => ({
    root,
    files: new OpfsFiles('/stored', root),
  });

  it('is whole at one of its names, wherever the tab was closed', async () => {
    let interrupted = 0;
    for (let steps = 0; ; steps++) {
      const limits = noLimits();
      const { files, root } = opened(limits);
      await files.makeFolder('/stored/a/inner');
      for (const name of ['1', '2', 'inner/3']) await write(files, `/stored/a/${name}`, name);
      limits.steps = steps;
      const isClosed = await files.rename('/stored/a', '/stored/b').then(
        () => false,
        () => true,
      );
      limits.steps = Infinity;
      const { files: again } = opened(limits, root);
      const at = (await again.stat('/stored/b')) ? '/stored/b' : '/stored/a';
      expect(await again.list('/stored')).toEqual([at.slice('/stored/'.length)]);
      for (const name of ['1', '2', 'inner/3']) expect(await again.readText(`${at}/${name}`)).toBe(name);
      if (!isClosed) break;
      interrupted++;
    }
    expect(interrupted).toBeGreaterThan(5);
  });
});

it.each([true, false])('says that the storage is full (where browsers throw: %s)', async (throwsWhenFull) => {
  const files = new OpfsFiles('/stored', new FakeFolder('', { ...noLimits(), bytes: 5, throwsWhenFull }));
  await write(files, '/stored/a', '1234');
  await expect(write(files, '/stored/b', '5678')).rejects.toMatchObject({ code: 'ENOSPC' });
});
