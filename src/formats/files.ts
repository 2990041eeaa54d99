/**
 * @file Files and folders that appear whole or not at all: written under a temporary name beside the target, flushed to
 * disk, then renamed. A crash leaves the old one or the new one, and at worst a temporary one that the next writer removes.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FileError } from '../errors.js';

type Content = string | Uint8Array | Iterable<Uint8Array>;

/** Temporary names begin with a dot, so that nobody takes them for results, and say what they are for. */
const temporaryMark = '.incomplete-';

function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}${temporaryMark}${process.pid}-${randomUUID().slice(0, 8)}`);
}

/** Whether a folder's entry is a temporary one: half-written, or left behind by a crash. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && name.includes(temporaryMark);
}

/** Writes a file, replacing an existing one. Chunks are written as they come, so a large file is never held as a whole. */
export async function writeFileAtomic(path: string, content: Content): Promise<void> {
  await withWriteErrors(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const temporary = temporaryName(path);
    try {
      await writeAndFlush(temporary, content);
      await rename(temporary, path);
      await flushFolder(dirname(path));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/** Writes JSON with two spaces of indent. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Fills a temporary folder by `fill` and puts it in the place of `folder`. An existing folder is moved aside first and
 * comes back if the new one cannot take its place.
 */
export async function writeFolderAtomic(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  await withWriteErrors(folder, async () => {
    await mkdir(dirname(folder), { recursive: true });
    await removeLeftovers(folder);
    const temporary = temporaryName(folder);
    const aside = `${temporary}-old`;
    try {
      await mkdir(temporary);
      await fill(temporary);
      await flushFolder(temporary);
      const replaced = await renameIfPresent(folder, aside);
      try {
        await rename(temporary, folder);
      } catch (error) {
        if (replaced) await rename(aside, folder);
        throw error;
      }
      await flushFolder(dirname(folder));
    } finally {
      await rm(temporary, { recursive: true, force: true });
      await rm(aside, { recursive: true, force: true });
    }
  });
}

/**
 * Brings back a folder that a crash left moved aside, and removes half-written ones. `writeFolderAtomic` does it before
 * it writes; whoever reads a folder that may have been left by a crash calls it first.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder);
  const prefix = `.${basename(folder)}${temporaryMark}`;
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((entry) => entry.startsWith(prefix))) {
    if (isOfRunningProcess(name.slice(prefix.length))) continue;
    const path = join(parent, name);
    const present = await stat(folder).catch(() => undefined);
    if (name.endsWith('-old') && !present) await rename(path, folder);
    else await rm(path, { recursive: true, force: true });
  }
}

function isOfRunningProcess(mark: string): boolean {
  const pid = Number.parseInt(mark, 10);
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function writeAndFlush(path: string, content: Content): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await file.writeFile(content);
    else for (const chunk of content) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename durable. Windows cannot open folders, and does not need it. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function renameIfPresent(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EACCES: 'no permission to write here',
  EPERM: 'no permission to write here',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EISDIR: 'this is a folder, not a file',
};

async function withWriteErrors(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (!reason || error instanceof FileError) throw error;
    throw new FileError(path, undefined, `cannot be written: ${reason}`, { cause: error });
  }
}
