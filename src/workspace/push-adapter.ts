/** @file Sends an adapter to the Hub, with a README.md that says what it is. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { adapterCard, commitTitle } from '../adapters/adapter-card.js';
import type { Method } from '../attach/method.js';
import { embeddedModel } from '../embedded-model.js';
import { UsageError } from '../errors.js';
import {
  type AdapterContent,
  type AdapterSource,
  baseModelOf,
  type SingleContent,
  singlesIn,
} from '../formats/adapter-content.js';
import { filesOf } from '../formats/adapter-files.js';
import { contentOf } from '../formats/adapter-folder.js';
import { isOwnCard } from '../formats/peft.js';
import { checkRepositoryName, type PushedFiles, type PushOptions, pushFiles } from '../hub/push-files.js';
import { isHubName } from '../hub/resolve-model.js';

export interface PushAdapterOptions extends PushOptions {
  /** Methods of your own, which the README.md is to know. */
  readonly methods?: readonly Method[];
}

export interface PushedAdapter extends PushedFiles {
  /** What the adapter calls its base model, where others cannot have it by that name: a path, say. */
  readonly localBase?: string;
}

/**
 * Sends an adapter's files, as one commit; of a folder all that are in it. A README.md is written for it unless
 * somebody has written one, in the folder or in the repository.
 *
 * @param adapter its folder, or an adapter that was loaded or trained
 * @param repository `owner/name`
 * @throws UsageError for another name, or without a token; FileError where the folder is no adapter: all before
 *   anything is sent. PromptuneError where the Hub refuses
 */
export async function pushAdapter(
  adapter: AdapterSource,
  repository: string,
  { methods, ...options }: PushAdapterOptions = {},
): Promise<PushedAdapter> {
  checkRepositoryName(repository);
  const { parts, isPlaced, files } = await packed(adapter);
  const named = baseModelOf(parts[0]!);
  const isOnHub = named !== undefined && (await isNameOnHub(named));
  const subject = { parts, isPlaced, methods, repository, base: isOnHub ? named : undefined };
  const pushed = await pushFiles(files, repository, {
    ...options,
    title: commitTitle(subject),
    ...(!hasOwnReadme(files, parts) && { card: (page) => adapterCard({ ...subject, page }) }),
  });
  const isLocal = named !== undefined && !isOnHub && named !== embeddedModel;
  return { ...pushed, ...(isLocal && { localBase: named }) };
}

/** An adapter as it is sent. */
interface Packed {
  readonly parts: readonly SingleContent[];
  readonly isPlaced: boolean;
  /** By their paths in the repository. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** @throws FileError if it is no adapter, or damaged; UsageError where it is a whole model */
async function packed(source: AdapterSource): Promise<Packed> {
  const content = await contentOf(source);
  const parts = singlesIn(content);
  if (parts.length === 0) throw new UsageError('this is a whole model; only adapters are sent');
  const isPlaced = 'template' in content && content.template !== undefined;
  const files = typeof source === 'string' ? await filesIn(source, content) : filesOf(content);
  return { parts, isPlaced, files };
}

/** All files of an adapter's folder. Hidden ones stay here: what a killed process left is among them. */
async function filesIn(folder: string, content: AdapterContent): Promise<Map<string, Uint8Array>> {
  const inner = content.form === 'parts' ? content.parts.map(({ name }) => name) : [];
  const contents = new Map<string, Uint8Array>();
  for (const part of ['', ...inner])
    for (const name of (await readdir(join(folder, part))).sort()) {
      const path = join(folder, part, name);
      if (name.startsWith('.') || !(await stat(path)).isFile()) continue;
      contents.set(part === '' ? name : `${part}/${name}`, await readFile(path));
    }
  return contents;
}

/** Whether there is a README.md other than the short one that each adapter is saved with. */
function hasOwnReadme(files: ReadonlyMap<string, Uint8Array>, [part]: readonly SingleContent[]): boolean {
  const readme = files.get('README.md');
  if (!readme) return false;
  return part?.form !== 'peft' || !isOwnCard(new TextDecoder().decode(readme), part);
}

/**
 * A folder goes before a model of the Hub, as in `resolveModel`; the Hub refuses cards that name what it does not
 * have.
 */
async function isNameOnHub(name: string): Promise<boolean> {
  if (name === embeddedModel || !isHubName(name) || /\.gguf$/i.test(name)) return false;
  return (await stat(resolve(name)).catch(() => undefined)) === undefined;
}
