/** @file A folder of several adapters that belong together: promptune.json names them, and each is a folder in it, as PEFT's. */

import { z } from 'zod';
import { join } from '#platform';
import { FileError } from '../errors.js';
import { listFolder, writeFolderAtomic, writeJsonAtomic } from './files.js';
import { readJsonObject } from './json.js';

export const compositionName = 'promptune.json';

const schema = z.object({
  /** Folders beside the file, in the order in which they are composed. */
  parts: z.array(z.string().regex(/^[\w-][\w.-]*$/, 'expected the name of a folder beside it')).min(1),
});

/**
 * The folders of the adapters that a folder is composed of; undefined where it is another kind of folder.
 * @throws FileError where there is no such folder, or its promptune.json is not what it should be
 */
export async function readComposition(
  folder: string,
): Promise<{ name: string; folder: string }[] | undefined> {
  const names = await listFolder(folder, 'an adapter folder');
  if (!names.has(compositionName)) return undefined;
  const path = join(folder, compositionName);
  const parsed = schema.safeParse(await readJsonObject(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new FileError(path, issue.path.join('.'), issue.message);
  }
  const { parts } = parsed.data;
  const missing = parts.find((name) => !names.has(name));
  if (missing !== undefined)
    throw new FileError(folder, missing, 'promptune.json names it, and it is missing');
  return parts.map((name) => ({ name, folder: join(folder, name) }));
}

/** Writes such a folder, which appears whole or not at all and replaces an existing one. Each part writes its own. */
export async function writeComposition(
  folder: string,
  parts: readonly { readonly name: string; save(folder: string): Promise<void> }[],
): Promise<void> {
  await writeFolderAtomic(folder, async (temporary) => {
    for (const { name, save } of parts) await save(join(temporary, name));
    await writeJsonAtomic(join(temporary, compositionName), { parts: parts.map(({ name }) => name) });
  });
}

/** Adds one more adapter, the last, to such a folder. */
export async function addToComposition(
  folder: string,
  { name, save }: { readonly name: string; save(folder: string): Promise<void> },
): Promise<void> {
  const parts = (await readComposition(folder)) ?? [];
  await save(join(folder, name));
  await writeJsonAtomic(join(folder, compositionName), { parts: [...parts.map((part) => part.name), name] });
}
