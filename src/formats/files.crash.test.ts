/** @file Kills the writing of files and folders before each of its operations on the disk in turn. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

/** Runs before every operation that changes the disk, and can make it fail. */
const disk = vi.hoisted(() => ({ before: (_operation: string): void => {} }));

vi.mock('node:fs/promises', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:fs/promises')>();
  const guard =
    <Args extends unknown[], Result>(name: string, operation: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      disk.before(name);
      return operation(...args);
    };
  return {
    ...actual,
    link: guard('link', actual.link),
    mkdir: guard('mkdir', actual.mkdir),
    open: guard('open', actual.open),
    rename: guard('rename', actual.rename),
    rm: guard('rm', actual.rm),
  };
});

// Files share a worker's modules: this one is loaded anew, with the guarded disk.
vi.resetModules();
const { host } = await import('#platform');
const { removeAllLeftovers, removeLeftovers, writeFileAtomic, writeFolderAtomic } = await import(
  './files.js'
);
const { isHolder, takeLock } = await import('./lock.js');

const inFolder = useTemporaryFolder();
afterEach(() => {
  disk.before = () => {};
});

const { process: self } = host;
const ended = { ...self, pid: spawnSync(process.execPath, ['--version']).pid };

/**
 * Does what a process does that is killed before one of its operations: nothing more, no cleaning up either.
 * @returns whether it came to that operation at all
 */
async function killedBefore(operation: number, write: () => Promise<void>): Promise<boolean> {
  let operations = 0;
  Object.assign(host, { process: ended });
  disk.before = () => {
    if (++operations >= operation) throw new Error('killed');
  };
  await write().catch(() => {});
  disk.before = () => {};
  Object.assign(host, { process: self });
  return operations >= operation;
}

const filledWith = (files: Record<string, string>) => async (temporary: string) => {
  for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(temporary, name), text);
};

/** The texts of a folder's files by name; undefined where there is no folder. */
async function textsIn(folder: string): Promise<Record<string, string> | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (!names) return undefined;
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

it('a folder is the old one or the new one, whole, whenever its writer is killed', async () => {
  const folder = inFolder('folder');
  const [old, successor] = [{ a: 'old' }, { a: 'new', b: 'new' }];
  const counts = { old: 0, successor: 0, aside: 0 };
  let killed = true;
  for (let operation = 1; killed; operation++) {
    await writeFolderAtomic(folder, filledWith(old));
    killed = await killedBefore(operation, () => writeFolderAtomic(folder, filledWith(successor)));
    if (!(await textsIn(folder))) counts.aside++;
    await removeLeftovers(folder);
    const found = await textsIn(folder);
    expect([old, successor]).toContainEqual(found);
    counts[found?.b ? 'successor' : 'old']++;
    expect(await readdir(inFolder())).toEqual(['folder']);
  }
  expect(counts.old).toBeGreaterThan(5);
  expect(counts.successor).toBeGreaterThan(1);
  expect(counts.aside).toBe(1);
});

it('a file is the old one or the new one whenever its writer is killed, and the next writer cleans up', async () => {
  const path = inFolder('file');
  let killed = true;
  for (let operation = 1; killed; operation++) {
    await writeFileAtomic(path, 'old');
    killed = await killedBefore(operation, () => writeFileAtomic(path, 'new'));
    expect(['old', 'new']).toContain(await readFile(path, 'utf8'));
    await writeFileAtomic(path, 'next');
    expect(await readdir(inFolder())).toEqual(['file']);
  }
});

it('a folder is restored if its successor cannot replace it', async () => {
  await writeFolderAtomic(inFolder('folder'), filledWith({ a: 'old' }));
  let renames = 0;
  disk.before = (operation) => {
    if (operation === 'rename' && ++renames === 2)
      throw Object.assign(new Error('full'), { code: 'ENOSPC', syscall: 'rename' });
  };
  await expect(writeFolderAtomic(inFolder('folder'), async () => {})).rejects.toThrow('the disk is full');
  expect(await textsIn(inFolder('folder'))).toEqual({ a: 'old' });
  expect(await readdir(inFolder())).toEqual(['folder']);
});

it('a reader sees a whole folder or, for a moment, none', async () => {
  const folder = inFolder('folder');
  let writing = true;
  const write = async () => {
    for (let i = 0; i < 40; i++) await writeFolderAtomic(folder, filledWith({ a: `${i}`, b: `${i}` }));
    writing = false;
  };
  const written = write();
  while (writing) {
    const names = await readdir(folder).catch(() => ['a', 'b']);
    expect(names.sort()).toEqual(['a', 'b']);
  }
  await written;
  expect(await textsIn(folder)).toEqual({ a: '39', b: '39' });
});

it("a killed process's lock can be taken, even if a process is killed while it takes it", async () => {
  let killed = true;
  let operation = 1;
  for (; killed; operation++) {
    const path = inFolder(`lock-${operation}`);
    await killedBefore(Number.POSITIVE_INFINITY, async () => void (await takeLock(path)));
    killed = await killedBefore(operation, async () => void (await takeLock(path)));
    const lock = await takeLock(path);
    if (isHolder(lock)) expect.fail(`killed before operation ${operation}, it is held by ${lock.pid}`);
    await lock.check();
    expect(isHolder(await takeLock(path))).toBe(true);
    await lock.release();
    await removeAllLeftovers(inFolder());
    expect(await readdir(inFolder())).toEqual([]);
  }
  expect(operation).toBeGreaterThan(10);
});
