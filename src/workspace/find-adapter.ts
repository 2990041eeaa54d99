/** @file Finds adapters by their folder or that of their run. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdapter } from '../adapters/load-adapter.js';
import { composeAdapters } from '../attach/compose.js';
import { ownHead, withHead } from '../attach/head.js';
import type { Adapter } from '../attach/method.js';
import { withUsage } from '../attach/with-usage.js';
import { FileError, optionError } from '../errors.js';
import { baseModelOf as baseModelIn, singlesIn } from '../formats/adapter-content.js';
import { readAdapter } from '../formats/adapter-folder.js';
import { removeLeftovers } from '../formats/files.js';
import { areOfAdapter } from '../formats/own-file.js';
import { nothing } from '../methods/head-alone.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';

/**
 * The folder of an adapter, given it or that of its run. Other folders are returned as they are, so that reading them
 * reports what is missing.
 * @param remedy what to do if it is a whole model, for the error
 * @throws FileError if it is a whole model
 */
export async function findAdapter(
  folder: string,
  remedy = say`use it as the model, without an adapter`,
): Promise<string> {
  const namesIn = async (inner: string) => new Set(await readdir(join(folder, inner)).catch(() => []));
  if (areOfAdapter(await namesIn(''))) return folder;
  await removeLeftovers(join(folder, 'adapter')); // a killed run may have left it moved aside
  if (areOfAdapter(await namesIn('adapter'))) return join(folder, 'adapter');
  for (const inner of ['', 'adapter']) {
    if (!(await namesIn(inner)).has('config.json')) continue;
    const problem = say`this is a whole model and not an adapter`;
    throw new FileError(join(folder, inner), undefined, `${problem}; ${remedy}`, { code: 'unsupported' });
  }
  return folder;
}

/** The base model that an adapter names; of several, the first one's. */
export async function baseModelOf(folder: string): Promise<string | undefined> {
  const [first] = singlesIn(await readAdapter(folder));
  return first && baseModelIn(first);
}

/** Which adapters to use. */
export interface AdapterChoice {
  /** Folders as for `findAdapter`. Several are combined, in this order. */
  readonly adapters?: readonly string[];
  /** Task to use, if an adapter has several. Default 0. */
  readonly task?: number;
}

/**
 * Loads adapters as one; undefined if there are none.
 * @throws UsageError for a task that does not exist; what `loadAdapter` throws
 */
export async function openAdapter(
  { adapters: folders = [], task }: AdapterChoice,
  model: LanguageModel,
  signal?: AbortSignal,
): Promise<Adapter | undefined> {
  const adapters: Adapter[] = [];
  for (const folder of folders)
    adapters.push(await loadAdapter(await findAdapter(folder), model, { signal }));
  const adapter = adapters.length === 0 ? undefined : composeAdapters(adapters);
  if (adapter?.tasks) return adapter.tasks.adapterFor(task ?? 0);
  if (task !== undefined) throw optionError('task', say`requires an adapter with tasks`);
  return adapter;
}

/** The given adapter if it has a head; without an adapter, the head of a model that was fine-tuned as a whole. */
export async function withHeadIfAny(
  adapter: Adapter | undefined,
  model: LanguageModel,
): Promise<Adapter | undefined> {
  if (adapter) return adapter.head && adapter;
  const head = await ownHead(model);
  return head && withUsage(withHead(nothing(), head), model.source.usage);
}
