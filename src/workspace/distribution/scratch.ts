/** @file Local folders in which work is done, so that shared ones hold finished things alone and no locks. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { host } from '#platform';
import { isHolder, takeLock } from '../../formats/lock.js';

/** Below the cache of this machine, unless the environment names a faster disk. */
export const scratchFolder = (): string =>
  process.env.PROMPTUNE_SCRATCH || join(host.cacheFolder(), 'scratch');

/**
 * Gives `use` a folder for work with this key: the one that an earlier attempt on this machine left, so that it goes
 * on, unless another process has it. The folder is removed once the work is done, and kept if `use` throws.
 */
export async function withScratch<T>(key: string, use: (folder: string) => Promise<T>): Promise<T> {
  const parent = scratchFolder();
  await mkdir(parent, { recursive: true });
  const taken = await takeLock(join(parent, `${key}.lock`));
  const lock = isHolder(taken) ? undefined : taken;
  const folder = join(parent, lock ? key : `${key}-${crypto.randomUUID().slice(0, 8)}`);
  try {
    await mkdir(folder, { recursive: true });
    const result = await use(folder);
    await rm(folder, { recursive: true, force: true });
    return result;
  } finally {
    if (!lock) await rm(folder, { recursive: true, force: true });
    await lock?.release();
  }
}
