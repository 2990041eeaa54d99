/**
 * @file The curves of a cell that is being trained, in the store for TensorBoard. Its event files grow, and what is in
 *   a store does not, so what has been added lies there as files of its own, which TensorBoard reads one after another.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../distribution/store.js';
import type { Work } from '../../distribution/work.js';
import { endOfRecords, eventFilePrefix } from '../../runs/tensorboard.js';

/** Seconds between two looks at a cell's event file, or this part of its time so far: long cells have few files. */
const [leastSeconds, leastPart] = [10, 0.05];

export interface ShownCurves {
  /** Whether it is time to show what is new; after that, not for a while. */
  isDue(): boolean;
  /** Shows what is new. */
  show(): Promise<void>;
}

/**
 * Shows the event files that a run will write as those of `tensorboard/LABEL-KEY` in the store. Those that an earlier
 * attempt left in the run's folder were shown by it.
 * @param now seconds, for tests
 */
export async function showCurves(
  store: Store,
  { key, label }: Pick<Work, 'key' | 'label'>,
  run: string,
  now = () => performance.now() / 1000,
): Promise<ShownCurves> {
  const earlier = await eventFiles(run);
  const ends = new Map<string, number>();
  const begun = now();
  let last = begun;
  return {
    isDue() {
      if (now() - last < Math.max(leastSeconds, leastPart * (now() - begun))) return false;
      last = now();
      return true;
    },
    async show() {
      for (const name of (await eventFiles(run)).filter((one) => !earlier.includes(one))) {
        const from = ends.get(name) ?? 0;
        const bytes = await readFile(join(run, name));
        const end = endOfRecords(bytes, from);
        if (end === from) continue;
        // TensorBoard reads them in the order of their names.
        const path = `tensorboard/${label}-${key.slice(0, 8)}/${name}.${String(from).padStart(9, '0')}`;
        await store.show(path, bytes.subarray(from, end));
        ends.set(name, end);
      }
    },
  };
}

const eventFiles = async (run: string): Promise<string[]> =>
  (await readdir(run).catch(() => [])).filter((name) => name.startsWith(eventFilePrefix)).sort();
