/** @file The lock of a run's folder, and errors about it. */
import { host, join } from '#platform';
import { UsageError } from '../errors.js';
import { breakLock, isHolder, type Lock, type LockHolder, lockHolder, takeLock } from '../formats/lock.js';
import { say } from '../say.js';

export const LOCK_NAME = 'run.lock';

/**
 * Takes the lock of an existing folder.
 * @throws UsageError if a live process, this one included, holds it; FileError where it cannot be written
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const lock = await takeLock(join(folder, LOCK_NAME));
  if (isHolder(lock)) throw inUse(folder, lock);
  return lock;
}

/** Throws a UsageError if a live process, this one included, holds the folder. Takes no lock. */
export async function refuseHeldFolder(folder: string): Promise<void> {
  const holder = await lockHolder(join(folder, LOCK_NAME));
  if (holder) throw inUse(folder, holder);
}

/** Whether a live process holds the folder. */
export async function isHeld(folder: string): Promise<boolean> {
  return (await lockHolder(join(folder, LOCK_NAME))) !== undefined;
}

/**
 * Breaks the lock of a folder whose holder ran on another machine or in another container and is gone.
 * @throws UsageError if a live process of this machine holds it
 */
export async function breakFolderLock(folder: string): Promise<void> {
  const holder = await breakLock(join(folder, LOCK_NAME));
  if (holder) throw inUse(folder, holder);
}

function inUse(folder: string, { pid, started, host: name, space }: LockHolder): UsageError {
  const begin = say`${folder} is in use by a run of`;
  const advice = say`wait for it, stop it or choose another output folder`;
  if (name === host.name && (space ?? host.process.space) === host.process.space) {
    const isOwn = pid === host.process.pid && started === host.process.started;
    const other = host.system === 'browser' ? say`another tab` : say`process ${pid} on ${name}`;
    const who = isOwn ? say`this process` : other;
    return new UsageError(`${begin} ${who}: ${advice}`, { code: 'unavailable' });
  }
  return new UsageError(
    say`${begin} process ${pid} on ${name}, another machine or container: ${advice}. If it is gone,
      its lock ends two minutes after its last sign of life, and at once if you break it (see
      \`promptune help runs\`)`,
    { code: 'unavailable' },
  );
}
