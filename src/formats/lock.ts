/**
 * @file A lock is a file that names its holder: a process of this machine, whose state is known, or one elsewhere that
 *   shares the folder and gives signs of life. The file appears with its whole content or not at all. If several
 *   processes want the lock at once, even one left behind by its holder, exactly one of them gets it.
 */
import * as z from 'zod';
import { basename, dirname, fileSystem, host, join } from '#platform';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { systemErrorCode, temporaryMark, temporaryName, withFileErrors } from './files.js';

const holderSchema = z.object({
  pid: z.int(),
  started: z.string(),
  /** For messages: the name by which other machines know the holder's. */
  host: z.string(),
  // Missing in locks of earlier versions.
  space: z.string().optional(),
  /** Identifies this acquisition of the lock. */
  id: z.string().optional(),
});
export type LockHolder = z.infer<typeof holderSchema>;

export interface Lock {
  /**
   * Call before writing what the lock protects. A lock that was removed is taken again.
   * @throws PromptuneError if another process has the lock now
   */
  check(): Promise<void>;
  /** Whether a sign of life found that another process has the lock; a cheap check. */
  readonly isLost: boolean;
  release(): Promise<void>;
}

/**
 * Milliseconds between two signs of life: a line end after the holder's name, dated by the machine that stores the
 * file.
 */
const signEvery = 15_000;
/** A holder elsewhere counts as gone when it has been silent for this long. */
export const silentAfter = 120_000;
/** Writing a holder's name takes less than this; a lock that is still incomplete then was torn. */
const tornAfter = 2000;
/** Milliseconds between two checks of a lock that another process is about to remove, and their number. */
const lookAgain = 20;
const maxLooks = 500;

/**
 * Takes the lock at a path in an existing folder.
 * @returns the lock, or its other holder
 * @throws FileError if it cannot be written
 */
export async function takeLock(path: string): Promise<Lock | LockHolder> {
  const id = crypto.randomUUID();
  const holder = await take(path, id);
  return holder ?? heldLock(path, id);
}

export const isHolder = (taken: Lock | LockHolder): taken is LockHolder => 'pid' in taken;

/** The holder, unless it is known to be gone. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const found = await readLock(path);
  return found?.holder && !(await isGone(path, found)) ? found.holder : undefined;
}

/**
 * Removes the lock of a holder whose state is unknown.
 * @returns a holder that is alive on this machine, which keeps it
 */
export async function breakLock(path: string): Promise<LockHolder | undefined> {
  const found = await readLock(path);
  if (!found) return undefined;
  if (found.holder && (await isRunning(found.holder))) return found.holder;
  await removeLockOf(path, found);
  return undefined;
}

/** Returns the other holder; undefined if the caller has the lock now. */
async function take(path: string, id: string): Promise<LockHolder | undefined> {
  const content = `${JSON.stringify({ ...host.process, host: host.name, id })}\n`;
  for (let looks = 0; ; looks++) {
    if (await createWhole(path, content)) return undefined;
    const found = await readLock(path);
    if (!found) continue;
    if (found.id === id) return undefined; // network file systems may report a failure although the file was created
    if (await isGone(path, found)) {
      const other = await removeLockOf(path, found);
      if (other && looks >= maxLooks) return other;
    } else if (found.holder) return found.holder;
    else await sleep(lookAgain); // it is being written
  }
}

/**
 * Removes the lock of a holder that is gone, and no other. The right to do so is itself a lock, named by the lock to be
 * removed: if two processes found that one, the slower one cannot remove what the faster one has taken since.
 * @returns the other process that is doing it right now
 */
async function removeLockOf(path: string, { id }: FoundLock): Promise<LockHolder | undefined> {
  const claim = join(dirname(path), `.${basename(path)}${temporaryMark}claim-${id}`);
  const claimId = crypto.randomUUID();
  const other = await take(claim, claimId);
  if (other) {
    await sleep(lookAgain);
    return other;
  }
  try {
    if ((await readLock(path))?.id === id) await fileSystem.remove(path);
  } finally {
    await removeOwn(claim, claimId);
  }
  return undefined;
}

function heldLock(path: string, id: string): Lock {
  let isLost = false;
  const check = async () => {
    const found = await readLock(path);
    if (found?.id === id) return;
    const other = found ? found.holder : await take(path, id);
    if (!found && !other) return;
    isLost = true;
    const who = other ? say`process ${other.pid} on ${other.host}` : say`another process`;
    throw new PromptuneError(say`${path}: ${who} has taken the lock; nothing more is written here`);
  };
  const timer = setInterval(async () => {
    try {
      await check();
      const file = await fileSystem.open(path, 'append');
      await file.append('\n').finally(file.close);
    } catch {} // errors are reported when something has to be written
  }, signEvery);
  (timer as { unref?(): void }).unref?.(); // in browsers, timers are numbers
  return {
    check: () => withFileErrors(path, 'written', check),
    get isLost() {
      return isLost;
    },
    async release() {
      clearInterval(timer);
      await removeOwn(path, id);
    },
  };
}

async function removeOwn(path: string, id: string): Promise<void> {
  if ((await readLock(path))?.id === id) await fileSystem.remove(path);
}

/** Returns whether the file was created; false if it existed. */
async function createWhole(path: string, content: string): Promise<boolean> {
  return withFileErrors(path, 'written', async () => {
    const temporary = temporaryName(path);
    try {
      await create(temporary, content);
      try {
        await fileSystem.link(temporary, path);
      } catch (error) {
        if (systemErrorCode(error) === 'EEXIST') return false;
        await create(path, content); // for file systems without hard links
      }
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await fileSystem.remove(temporary);
    }
  });
}

async function create(path: string, content: string): Promise<void> {
  const file = await fileSystem.open(path, 'create');
  await file.append(content).finally(file.close);
}

interface FoundLock {
  readonly id: string;
  /** Undefined if the file is incomplete: it is being written, or its writer was killed. */
  readonly holder?: LockHolder;
}

/** Undefined if there is no lock. */
async function readLock(path: string): Promise<FoundLock | undefined> {
  let text: string;
  try {
    text = await fileSystem.readText(path);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const holder = holderSchema.parse(JSON.parse(text));
    return { id: holder.id ?? `${holder.pid}-${holder.started.replace(/\W/g, '')}`, holder };
  } catch {
    return { id: 'torn' };
  }
}

async function isGone(path: string, { holder }: FoundLock): Promise<boolean> {
  if (!holder) return (await silence(path)) > tornAfter;
  const isAlive = await isRunning(holder);
  if (isAlive !== undefined) return !isAlive;
  // Earlier versions give no signs of life: their locks count until they are broken.
  return holder.id !== undefined && (await silence(path)) > silentAfter;
}

/** Undefined if the holder's state is unknown. */
async function isRunning({ pid, started, space, host: name }: LockHolder): Promise<boolean | undefined> {
  if (space === undefined && name !== host.name) return undefined;
  return host.isRunning({ pid, started, space: space ?? host.process.space });
}

/** Time since the last sign of life, by the clock of the machine that stores the folder. */
async function silence(path: string): Promise<number> {
  const probe = temporaryName(path);
  let now = Date.now();
  try {
    await create(probe, '');
    now = (await fileSystem.stat(probe))!.modified;
  } catch {
    // a read-only folder
  } finally {
    await fileSystem.remove(probe).catch(() => {});
  }
  return now - ((await fileSystem.stat(path))?.modified ?? now);
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
