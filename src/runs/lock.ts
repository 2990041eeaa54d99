/** @file A lock file that names the process which holds a folder, so that a killed holder's lock can be told from a live one's. */
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, UsageError } from '../errors.js';

export const LOCK_NAME = 'run.lock';

/** `started` tells a process from a later one with the same number. */
const holderSchema = z.object({ pid: z.int(), started: z.string(), host: z.string() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Takes the lock of a folder that exists.
 *
 * @returns gives the lock back
 * @throws UsageError where a live process, this one included, holds it; FileError where it cannot be written
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_NAME);
  const self: Holder = { pid: process.pid, started: (await startOf(process.pid)) ?? '', host: hostname() };
  for (;;) {
    try {
      await writeFile(path, `${JSON.stringify(self)}\n`, { flag: 'wx' });
      return () => unlink(path);
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new FileError(path, undefined, `cannot be written: ${message}`, { cause });
    }
    await refuseHeldFolder(folder);
    await unlink(path).catch(ignoreMissing);
  }
}

/** Looks only. Throws a UsageError where a live process, this one included, holds the folder. */
export async function refuseHeldFolder(folder: string): Promise<void> {
  const path = join(folder, LOCK_NAME);
  const holder = await readHolder(path);
  if (!holder || !(await isLive(holder))) return;
  const who = holder.pid === process.pid ? 'this process' : `process ${holder.pid} on ${holder.host}`;
  throw new UsageError(
    `${folder} is in use by a run of ${who}: wait for it, stop it or choose another output folder. ` +
      `If there is no such run, delete ${path}`,
  );
}

/** Whether a live process holds the folder. */
export async function isHeld(folder: string): Promise<boolean> {
  const holder = await readHolder(join(folder, LOCK_NAME));
  return holder !== undefined && (await isLive(holder));
}

/** Undefined where the lock is gone by now, or was torn by a kill while it was written. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A holder on another machine, which shares this folder, cannot be asked: it counts as live. */
async function isLive({ pid, started, host }: Holder): Promise<boolean> {
  return host !== hostname() || (await startOf(pid)) === started;
}

/** When a process started, in the system's own measure; undefined where there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    // "pid (name) state … starttime …": the name may hold anything, so count from the last parenthesis.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields?.[0] === 'Z' ? undefined : fields?.[19];
  }
  try {
    process.kill(pid, 0);
    return 'unknown';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'unknown' : undefined;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
