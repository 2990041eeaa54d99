/** @file The folder of an adapter that somebody picked: its files, or a zip of them. */
import { areOfAdapter } from '../formats/own-file.js';
import { fileSystem, join, mount } from '../platform/web.js';
import type { MountedFile } from './picked.js';
import { unzip } from './zip.js';

let uploads = 0;

/** Files of an adapter's folder, or one zip of them, in a folder. */
export async function adapterFolder(picked: readonly MountedFile[]): Promise<string> {
  const folder = join('/adapters', String(uploads++));
  const [{ path, file } = { path: '', file: '' }] = picked;
  if (picked.length === 1 && path.toLowerCase().endsWith('.zip')) {
    for (const [name, bytes] of unzip(await fileSystem.readBytes(file), path))
      mount(join(folder, name), bytes);
  } else {
    for (const { path, file } of picked) mount(join(folder, path), await fileSystem.readBytes(file));
  }
  return (await folderOfAdapter(folder)) ?? folder;
}

/** An adapter may lie below folders that were packed or picked with it. */
async function folderOfAdapter(folder: string): Promise<string | undefined> {
  const names = await fileSystem.list(folder);
  if (areOfAdapter(new Set(names)) || names.includes('adapter')) return folder;
  for (const name of names) {
    const below = join(folder, name);
    if ((await fileSystem.stat(below))?.kind !== 'folder') continue;
    const found = await folderOfAdapter(below);
    if (found !== undefined) return found;
  }
  return undefined;
}
