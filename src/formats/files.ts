/**
 * @file Atomic writes of files and folders: written under a temporary name next to the target, flushed to disk, then
 *   renamed. A crash leaves either the old or the new content, and at worst a temporary file or folder that the next
 *   writer removes.
 */
import { basename, dirname, fileSystem, host, join, relative, resolve } from '#platform';
import { FileError } from '../errors.js';
import { said, say } from '../say.js';

export type Content = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Temporary names begin with a dot, so that they are not mistaken for results, and contain their final name. */
export const temporaryMark = '.incomplete-';

/** Marks a folder moved aside while its successor takes its place. */
const asideMark = '-old';

/** A temporary name beside `path`, which identifies its owner. */
export function temporaryName(path: string): string {
  const { pid, started, space } = host.process;
  const own = `${pid}.${started}.${space}-${crypto.randomUUID().slice(0, 8)}`;
  return join(dirname(path), `.${basename(path)}${temporaryMark}${own}`);
}

/** Whether a folder's entry is a temporary one: being written, or left behind by a crash. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') && name.includes(temporaryMark);
}

/**
 * Writes a file atomically, replacing an existing one. Chunks are written as they come, so a large file is never held
 * in memory.
 * @throws FileError if the disk is full or the path is not writable; an existing file is left unchanged
 */
export async function writeFileAtomic(path: string, content: Content): Promise<void> {
  await withFileErrors(path, 'written', async () => {
    await fileSystem.makeFolder(dirname(path));
    await removeLeftovers(path);
    const temporary = temporaryName(path);
    try {
      await writeAndFlush(temporary, content);
      await fileSystem.rename(temporary, path);
      await fileSystem.flush(dirname(path));
    } catch (error) {
      await fileSystem.remove(temporary);
      throw error;
    }
  });
}

/** Writes JSON atomically, indented by two spaces. */
export async function writeJsonAtomic(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Fills a temporary folder with `fill` and renames it to `folder`. An existing folder is moved aside first, and back if
 * the rename fails; after a crash between the two, `removeLeftovers` restores it.
 * @throws FileError if the disk is full or the path is not writable, and what `fill` throws; an existing folder is left
 *   unchanged
 */
export async function writeFolderAtomic(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder);
  await withFileErrors(folder, 'written', async () => {
    await fileSystem.makeFolder(dirname(target));
    await removeLeftovers(target);
    const existing = await fileSystem.stat(target);
    if (existing && existing.kind !== 'folder')
      throw new FileError(folder, undefined, say`this is a file, not a folder`);
    const temporary = temporaryName(target);
    try {
      await fileSystem.makeFolder(temporary);
      await fill(temporary);
      await flushTree(temporary);
      await replaceFolder(target, temporary);
    } catch (error) {
      throw error instanceof FileError ? inPlaceOf(error, temporary, folder) : error;
    } finally {
      await fileSystem.remove(temporary);
    }
  });
}

/**
 * Fills a temporary folder with `fill` and renames it to `folder`, which of several writers exactly one does.
 * @param fill writes at least one file
 * @returns false if there is something at `folder` already, which is left as it is
 * @throws FileError if the disk is full or the path is not writable, and what `fill` throws
 */
export async function createFolderAtomic(
  folder: string,
  fill: (temporary: string) => Promise<void>,
): Promise<boolean> {
  const target = resolve(folder);
  return withFileErrors(folder, 'written', async () => {
    await fileSystem.makeFolder(dirname(target));
    await removeLeftovers(target);
    const temporary = temporaryName(target);
    try {
      await fileSystem.makeFolder(temporary);
      await fill(temporary);
      await flushTree(temporary);
      await fileSystem.rename(temporary, target);
    } catch (error) {
      // Windows says EPERM. What is there decides, whatever a network's file system says.
      if (systemErrorCode(error) !== undefined && (await fileSystem.stat(target))) return false;
      throw error instanceof FileError ? inPlaceOf(error, temporary, folder) : error;
    } finally {
      await fileSystem.remove(temporary);
    }
    await fileSystem.flush(dirname(target));
    return true;
  });
}

/** Rewrites an error about a temporary path so that it names the final path. */
function inPlaceOf(error: FileError, temporary: string, folder: string): FileError {
  const inside = relative(temporary, error.path);
  if (inside.startsWith('..')) return error;
  return new FileError(join(folder, inside), error.place, error.problem, { cause: error, code: error.code });
}

async function replaceFolder(folder: string, successor: string): Promise<void> {
  const aside = `${successor}${asideMark}`;
  let replaced = false;
  for (;;) {
    if (await renameIfPresent(folder, aside)) replaced = true;
    try {
      await fileSystem.rename(successor, folder);
      break;
    } catch (error) {
      // Another writer was faster, or somebody brought the old folder back.
      if (['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) {
        await fileSystem.remove(aside);
        continue;
      }
      if (replaced) await fileSystem.rename(aside, folder);
      throw error;
    }
  }
  await fileSystem.flush(dirname(folder));
  if (replaced) await fileSystem.remove(aside);
}

/**
 * Restores a folder that a crash left moved aside, and removes incomplete files of `path`. Writers call it before they
 * write, and readers of a folder before they read. It leaves alone what another process is writing.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const target = resolve(path);
  await clearAway(dirname(target), (name) => name.startsWith(`.${basename(target)}${temporaryMark}`));
}

/**
 * Like `removeLeftovers` for everything in a folder, for the only process that may write there: also removes leftovers
 * of processes whose state is unknown.
 */
export async function removeAllLeftovers(folder: string): Promise<void> {
  await clearAway(resolve(folder), isTemporaryName, true);
}

async function clearAway(
  folder: string,
  isWanted: (name: string) => boolean,
  isOnlyWriter = false,
): Promise<void> {
  const names = await fileSystem.list(folder).catch(() => []);
  for (const name of names.filter(isWanted)) {
    const leftover = join(folder, name);
    const isRunning = await isOwnerRunning(name);
    if (isRunning) continue;
    const target = join(folder, name.slice(1, name.lastIndexOf(temporaryMark)));
    const isMissing = name.endsWith(asideMark) && !(await fileSystem.stat(target));
    // A writer elsewhere that is between its two renames finds the folder in its place, and moves it aside again.
    if (isMissing) await renameIfPresent(leftover, target);
    else if (isRunning === false || isOnlyWriter || (await isOld(leftover)))
      await fileSystem.remove(leftover);
  }
}

/**
 * Undefined if unknown: the process is on another machine, or the name, written by an earlier version, only has its
 * number.
 */
async function isOwnerRunning(name: string): Promise<boolean | undefined> {
  const mark = name.slice(name.lastIndexOf(temporaryMark) + temporaryMark.length);
  const [, pid, started, space] = /^(\d+)(?:\.([a-z0-9]+)\.([a-z0-9]+))?-/.exec(mark) ?? [];
  if (pid === undefined) return undefined;
  if (space !== undefined) return host.isRunning({ pid: Number(pid), started, space });
  const numbered = { pid: Number(pid), space: host.process.space };
  return (await host.isRunning(numbered)) ? undefined : false;
}

/** Longer than any write takes. */
const day = 24 * 60 * 60 * 1000;

async function isOld(path: string): Promise<boolean> {
  const found = await fileSystem.stat(path);
  return found !== undefined && Date.now() - found.modified > day;
}

/**
 * The names in a folder.
 * @param kind what the folder should be, for the error message: "a model folder"
 * @throws FileError if there is no such folder
 */
export async function listFolder(folder: string, kind: string): Promise<Set<string>> {
  try {
    return new Set(await fileSystem.list(folder));
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw fileError(folder, 'read', error);
  }
  await removeLeftovers(folder);
  try {
    return new Set(await fileSystem.list(folder));
  } catch (error) {
    throw new FileError(folder, undefined, say`there is no such folder; expected the path of ${kind}`, {
      code: 'not-found',
      cause: error,
    });
  }
}

async function writeAndFlush(path: string, content: Content): Promise<void> {
  const file = await fileSystem.open(path, 'create');
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await file.append(content);
    else for await (const chunk of content) await file.append(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Flushes a folder and everything in it to disk. */
async function flushTree(folder: string): Promise<void> {
  for (const name of await fileSystem.list(folder)) {
    const path = join(folder, name);
    const isFolder = (await fileSystem.stat(path))?.kind === 'folder';
    await (isFolder ? flushTree(path) : fileSystem.flush(path));
  }
  await fileSystem.flush(folder);
}

async function renameIfPresent(from: string, to: string): Promise<boolean> {
  try {
    await fileSystem.rename(from, to);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** A text file, or undefined if there is none. */
export async function readTextIfPresent(path: string): Promise<string | undefined> {
  return withFileErrors(path, 'read', async () => {
    try {
      return await fileSystem.readText(path);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  });
}

type Action = 'read' | 'written';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  ENOSPC: 'the disk is full; free some space and try again',
  EDQUOT: 'the disk quota is used up; free some space and try again',
  EMFILE: 'too many files are open; raise the limit (ulimit -n) and try again',
  ENFILE: 'too many files are open on this machine; try again later',
  EIO: 'the device failed to read or write it',
  EFBIG: 'the file is too large for this file system',
  EACCES: 'no permission for this path',
  EPERM: 'no permission for this path',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of this path is a file, not a folder',
  EISDIR: 'this is a folder, not a file',
  ENOTREG: 'this is not a regular file, but a pipe, a socket or a device',
  ENXIO: 'this is not a regular file, but a pipe, a socket or a device',
  ELOOP: 'this link leads to itself',
  ENAMETOOLONG: 'this path is too long',
  ETOOLARGE: 'it is too large to be read as a whole',
};

/** Runs operations on a file or folder and turns the system's errors into FileErrors with plain messages. */
export async function withFileErrors<T>(path: string, action: Action, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FileError || systemErrorCode(error) === undefined) throw error;
    throw fileError(path, action, error);
  }
}

function fileError(path: string, action: Action, cause: unknown): FileError {
  const system = systemErrorCode(cause) ?? '';
  const reason = said(reasons[system] ?? (cause as Error).message);
  const code = system === 'ENOENT' ? 'not-found' : 'failed';
  return new FileError(path, undefined, say`it cannot be ${said(action)}: ${reason}`, { code, cause });
}

/** The code of an operating system error, such as ENOENT. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error ? (error as { code?: string }).code : undefined;
}
