/** @file A store in a folder, which machines may share: one folder for each entry, renamed into place. */
import { dirname, fileSystem, join, relative, resolve, sep } from '#platform';
import { FileError } from '../errors.js';
import {
  createFolderAtomic,
  isTemporaryName,
  systemErrorCode,
  temporaryName,
  withFileErrors,
} from '../formats/files.js';
import { say } from '../say.js';
import type { Store } from './store.js';
import type { ResultFiles } from './work.js';

export function folderStore(folder: string): Store {
  const root = resolve(folder);
  const pathOf = (name: string) => join(root, ...name.split('/'));
  return {
    url: `folder:${root}`,

    async has(name) {
      return (await withFileErrors(pathOf(name), 'read', () => fileSystem.stat(pathOf(name)))) !== undefined;
    },

    async get(name) {
      const path = pathOf(name);
      return withFileErrors(path, 'read', async () => {
        if (!(await fileSystem.stat(path))) return undefined;
        return readFiles(path);
      });
    },

    async create(name, files) {
      if (files.size === 0) throw new RangeError(`the entry ${name} has no files`);
      return createFolderAtomic(pathOf(name), (temporary) => writeFiles(temporary, files));
    },

    async show(path, bytes) {
      const target = pathOf(path);
      await withFileErrors(target, 'written', async () => {
        await fileSystem.makeFolder(dirname(target));
        // Beside its folder: in it, tools would take the unfinished file for one of theirs.
        const temporary = temporaryName(dirname(target));
        try {
          await writeBytes(temporary, bytes);
          await fileSystem.rename(temporary, target);
        } catch (error) {
          await fileSystem.remove(temporary);
          throw error;
        }
      });
    },

    async list(name) {
      const names = await withFileErrors(pathOf(name), 'read', () => entriesOf(pathOf(name)));
      return names.filter((entry) => !isTemporaryName(entry)).map((entry) => `${name}/${entry}`);
    },

    remove: (name) => withFileErrors(pathOf(name), 'written', () => fileSystem.remove(pathOf(name))),
  };
}

/** The names in a folder; none if it does not exist. */
async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await fileSystem.list(folder);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: ResultFiles): Promise<void> {
  for (const [name, bytes] of files) {
    const path = resolve(join(folder, ...name.split('/')));
    if (relative(resolve(folder), path).startsWith('..'))
      throw new FileError(folder, name, say`a file of a result lies outside of its folder`);
    await fileSystem.makeFolder(dirname(path));
    await writeBytes(path, bytes);
  }
}

async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const file = await fileSystem.open(path, 'create');
  try {
    await file.append(bytes);
  } finally {
    await file.close();
  }
}

/** All files below a folder, by their names there with `/`, in order. What is being written is left out. */
export async function readFiles(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const visit = async (inner: string): Promise<void> => {
    for (const entry of (await fileSystem.list(inner)).sort()) {
      if (isTemporaryName(entry)) continue;
      const path = join(inner, entry);
      if ((await fileSystem.stat(path))?.kind === 'folder') await visit(path);
      else files.set(relative(folder, path).split(sep).join('/'), await fileSystem.readBytes(path));
    }
  };
  await visit(folder);
  return files;
}
