/**
 * @file A lock is a file that names who holds it: a process of this machine, which can be asked, or one elsewhere that
 *   shares the folder, which gives signs of life. It is there with its whole content or not at all, and of several who
 *   want it at once, a lock that its holder left behind included, exactly one has it afterwards.
 */
import { z } from 'zod';
import { basename, dirname, fileSystem, host, join } from '#platform';
import { PromptuneError } from '../errors.js';
import { systemErrorCode, temporaryMark, temporaryName, withFileErrors } from './files.js';

const holderSchema = z.object({
  pid: z.int(),
  started: z.string(),
  /** For people: by which name other machines know its own. */
  host: z.string(),
  // Earlier versions wrote neither of the two.
  space: z.string().optional(),
  /** Of this one time that it was taken. */
  id: z.string().optional(),
});
export type LockHolder = z.infer<typeof holderSchema>;

export interface Lock {
  /**
   * To be asked before something is written that the lock protects. A lock that somebody removed is taken again.
   * @throws PromptuneError where it is another's now
   */
  check(): Promise<void>;
  /** Whether a sign of life found it to be another's; costs nothing to ask. */
  readonly isLost: boolean;
  release(): Promise<void>;
}

/** Between two signs of life, in milliseconds: a line end after the holder's name, dated by the file's own machine. */
const signEvery = 15_000;
/** A holder elsewhere is taken for gone when it was silent for so long. */
export const silentAfter = 120_000;
/** A holder's name is written so fast that one which is not whole by then never will be. */
const tornAfter = 2000;
/** Between two looks at what another process is about to do away with, and how many there are. */
const lookAgain = 20;
const maxLooks = 500;

/**
 * Takes the lock at a path in a folder that exists.
 * @returns the lock, or who else holds it
 * @throws FileError where it cannot be written
 */
export async function takeLock(path: string): Promise<Lock | LockHolder> {
  const id = crypto.randomUUID();
  const holder = await take(path, id);
  return holder ?? heldLock(path, id);
}

export const isHolder = (taken: Lock | LockHolder): taken is LockHolder => 'pid' in taken;

/** Who holds it, and is not known to be gone. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  const found = await readLock(path);
  return found?.holder && !(await isGone(path, found)) ? found.holder : undefined;
}

/**
 * Does away with the lock of a holder that cannot be asked.
 * @returns a holder that is alive on this machine, and keeps it
 */
export async function breakLock(path: string): Promise<LockHolder | undefined> {
  const found = await readLock(path);
  if (!found) return undefined;
  if (found.holder && (await isRunning(found.holder))) return found.holder;
  await removeLockOf(path, found);
  return undefined;
}

/** Returns who else holds it; undefined where the caller does now. */
async function take(path: string, id: string): Promise<LockHolder | undefined> {
  const content = `${JSON.stringify({ ...host.process, host: host.name, id })}\n`;
  for (let looks = 0; ; looks++) {
    if (await createWhole(path, content)) return undefined;
    const found = await readLock(path);
    if (!found) continue;
    if (found.id === id) return undefined; // a network's file system may say that it failed to do what it did
    if (await isGone(path, found)) {
      const other = await removeLockOf(path, found);
      if (other && looks >= maxLooks) return other;
    } else if (found.holder) return found.holder;
    else await sleep(lookAgain); // it is being written
  }
}

/**
 * Removes the lock of one that is gone, and no other. Who may do that is decided by a lock again, whose name is that of
 * the lock to be removed: so of two that found it, the slower one cannot remove what the faster one has taken since.
 * @returns who else is doing it right now
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
    const who = other ? `process ${other.pid} on ${other.host}` : 'another process';
    throw new PromptuneError(`${path}: ${who} has taken the lock; nothing more is written here`);
  };
  const timer = setInterval(async () => {
    try {
      await check();
      const file = await fileSystem.open(path, 'append');
      await file.append('\n').finally(file.close);
    } catch {} // what is wrong is told where something is to be written
  }, signEvery);
  (timer as { unref?(): void }).unref?.(); // a page has numbers for its timers
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

/** Returns whether it was made: nothing was there. */
async function createWhole(path: string, content: string): Promise<boolean> {
  return withFileErrors(path, 'written', async () => {
    const temporary = temporaryName(path);
    try {
      await create(temporary, content);
      try {
        await fileSystem.link(temporary, path);
      } catch (error) {
        if (systemErrorCode(error) === 'EEXIST') return false;
        await create(path, content); // a file system without second names
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
  /** Undefined where the file does not say: it is being written, or was when its writer was killed. */
  readonly holder?: LockHolder;
}

/** Undefined where there is none. */
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
  // Earlier versions give no signs of life: theirs counts until somebody breaks it.
  return holder.id !== undefined && (await silence(path)) > silentAfter;
}

/** Undefined for a holder that cannot be asked. */
async function isRunning({ pid, started, space, host: name }: LockHolder): Promise<boolean | undefined> {
  if (space === undefined && name !== host.name) return undefined;
  return host.isRunning({ pid, started, space: space ?? host.process.space });
}

/** How long ago the last sign of life was, by the clock of whichever machine keeps the folder. */
async function silence(path: string): Promise<number> {
  const probe = temporaryName(path);
  let now = Date.now();
  try {
    await create(probe, '');
    now = (await fileSystem.stat(probe))!.modified;
  } catch {
    // a folder that can be read alone
  } finally {
    await fileSystem.remove(probe).catch(() => {});
  }
  return now - ((await fileSystem.stat(path))?.modified ?? now);
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
