/** @file All adapters in a folder, by their names there. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { areOfAdapter } from '../formats/own-file.js';
import { say } from '../say.js';

/**
 * The folders of all adapters in `folder`, at any depth, by their paths in it with `/`; those of runs by the paths of
 * their runs. An adapter that is the folder itself has the folder's name.
 * @throws UsageError if there is no such folder
 */
export async function adaptersBelow(folder: string): Promise<Map<string, string>> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new UsageError(say`${folder}: there is no such folder; expected one with runs or adapters in it`, {
      code: 'not-found',
    });
  const adapters = new Map<string, string>();
  await search(folder, [], adapters);
  return adapters;
}

async function search(folder: string, path: readonly string[], adapters: Map<string, string>): Promise<void> {
  const name = () =>
    path.length === 0 ? folder.split(/[/\\]/).findLast((part) => part !== '')! : path.join('/');
  if (await isAdapter(folder)) return void adapters.set(name(), folder);
  const ofRun = join(folder, 'adapter');
  if (await isAdapter(ofRun)) return void adapters.set(name(), ofRun);
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'metrics.jsonl')) return; // a run without an adapter yet
  const inner = entries.filter((entry) => entry.isDirectory() && !/^(\.|node_modules$)/.test(entry.name));
  for (const entry of inner.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })))
    await search(join(folder, entry.name), [...path, entry.name], adapters);
}

async function isAdapter(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return areOfAdapter(new Set(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)));
}
