/**
 * @file A run's checkpoints in a store, so that another machine goes on where one was lost. They are no result: work
 *   that is done has none.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFiles, writeFiles } from '../../distribution/folder-store.js';
import type { Store } from '../../distribution/store.js';

/** Larger ones, as of full fine-tuning, would take longer to send than to compute again. */
const largestBytes = 16 * 1024 * 1024;

const folderOf = (key: string) => `checkpoint/${key}`;
/** So that names are in the order of steps. */
const nameOf = (key: string, step: number) => `${folderOf(key)}/${String(step).padStart(9, '0')}`;

/** Puts what a run needs to go on after `step` into the store. Returns whether it did. */
export async function saveSnapshot(store: Store, key: string, run: string, step: number): Promise<boolean> {
  const earlier = await store.list(folderOf(key));
  // A checkpoint may be removed while it is read: then there is a newer one, whose event comes next.
  const files = await readFiles(run).catch(() => undefined);
  if (!files) return false;
  const wanted = new Map(
    [...files].filter(([name]) =>
      /^(config\.yaml|inputs\.json|metrics\.jsonl|checkpoints\/.*|adapter\/.*)$/.test(name),
    ),
  );
  const size = [...wanted.values()].reduce((sum, { length }) => sum + length, 0);
  if (size > largestBytes || !wanted.has('config.yaml')) return false;
  await store.create(nameOf(key, step), wanted);
  for (const name of earlier) if (name !== nameOf(key, step)) await store.remove(name);
  return true;
}

/** Puts the newest snapshot into a run's folder, unless there is a run. Returns whether there was one. */
export async function restoreSnapshot(store: Store, key: string, run: string): Promise<boolean> {
  if (await stat(join(run, 'config.yaml')).catch(() => undefined)) return false;
  const newest = (await store.list(folderOf(key))).sort().at(-1);
  const files = newest === undefined ? undefined : await store.get(newest);
  if (!files) return false;
  await writeFiles(run, files);
  return true;
}

/** Removes all snapshots of work that is done. */
export async function removeSnapshots(store: Store, key: string): Promise<void> {
  for (const name of await store.list(folderOf(key))) await store.remove(name);
}
