/**
 * @file A lock file that names the process which holds a folder, so that a killed holder's lock can be told from a
 * live one's.
 */

import { z } from 'zod';
import { fileSystem, host, join } from '#platform';
import { FileError, UsageError } from '../errors.js';
import { systemErrorCode } from '../formats/files.js';

export const LOCK_NAME = 'run.lock';

/** `started` tells a process from a later one with the same number. */
const holderSchema = z.object({ pid: z.int(), started: z.string(), host: z.string() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Takes the lock of a folder that exists.
 *
 * @returns gives the lock back
 * @throws UsageError if a live process, this one included, holds it; FileError where it cannot be written
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_NAME);
  const { processId: pid, name } = host;
  const self: Holder = { pid, started: (await host.processStart(pid)) ?? '', host: name };
  for (;;) {
    try {
      const file = await fileSystem.open(path, 'create');
      await file.append(`${JSON.stringify(self)}\n`).finally(file.close);
      return () => fileSystem.remove(path);
    } catch (cause) {
      if (systemErrorCode(cause) !== 'EEXIST')
        throw new FileError(path, undefined, `cannot be written: ${(cause as Error).message}`, { cause });
    }
    await refuseHeldFolder(folder);
    await fileSystem.remove(path);
  }
}

/** Looks only. Throws a UsageError if a live process, this one included, holds the folder. */
export async function refuseHeldFolder(folder: string): Promise<void> {
  const path = join(folder, LOCK_NAME);
  const holder = await readHolder(path);
  if (!holder || !(await isLive(holder))) return;
  const who = holder.pid === host.processId ? 'this process' : `process ${holder.pid} on ${holder.host}`;
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
    return holderSchema.parse(JSON.parse(await fileSystem.readText(path)));
  } catch {
    return undefined;
  }
}

/** A holder on another machine, which shares this folder, cannot be asked: it counts as live. */
async function isLive(holder: Holder): Promise<boolean> {
  return holder.host !== host.name || (await host.processStart(holder.pid)) === holder.started;
}
