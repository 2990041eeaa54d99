/**
 * @file What the page itself keeps between visits, in the browser's own file system: data files, jobs and adapters from
 *   elsewhere. Runs and models are the library's, and lie beside it. Where the browser gives a page no storage, it is
 *   kept until the page is closed.
 */

export interface TabStorage {
  /** The same content and name has the same path. */
  keep(folder: string, file: File): Promise<string>;
  /** Undefined where there is none. The file is the same as long as its content is. */
  file(path: string): Promise<File | undefined>;
  list(folder: string): Promise<string[]>;
  remove(path: string): Promise<void>;
  readJson<T>(path: string): Promise<T | undefined>;
  writeJson(path: string, value: unknown): Promise<void>;
}

const rootName = 'promptune-studio';

export async function openTabStorage(): Promise<TabStorage> {
  const root = await navigator.storage
    ?.getDirectory?.()
    .then((all) => all.getDirectoryHandle(rootName, { create: true }))
    .catch(() => undefined);
  return storageOver(root ? new StoredFiles(root) : new FilesInMemory());
}

interface Files {
  read(path: string): Promise<File | undefined>;
  write(path: string, content: Blob): Promise<void>;
  list(folder: string): Promise<string[]>;
  remove(path: string): Promise<void>;
}

function storageOver(files: Files): TabStorage {
  return {
    async keep(folder, file) {
      const digest = await crypto.subtle?.digest('SHA-256', await file.arrayBuffer());
      const key = digest ? hex(digest).slice(0, 12) : `${file.lastModified}-${file.size}`;
      const path = `${folder}/${key}-${file.name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}`;
      if ((await files.read(path))?.size !== file.size) await files.write(path, file);
      return path;
    },
    file: (path) => files.read(path),
    list: (folder) => files.list(folder),
    remove: (path) => files.remove(path),
    async readJson(path) {
      const file = await files.read(path);
      try {
        return file && JSON.parse(await file.text());
      } catch {
        return undefined; // it was being written when the tab was closed
      }
    },
    writeJson: (path, value) => files.write(path, new Blob([JSON.stringify(value)])),
  };
}

const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Paths are a folder and a name. */
class StoredFiles implements Files {
  readonly #root: FileSystemDirectoryHandle;

  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root;
  }

  async #folder(name: string): Promise<FileSystemDirectoryHandle> {
    return this.#root.getDirectoryHandle(name, { create: true });
  }

  async #at(path: string): Promise<[FileSystemDirectoryHandle, string]> {
    const [folder, name] = path.split('/') as [string, string];
    return [await this.#folder(folder), name];
  }

  async read(path: string) {
    const [folder, name] = await this.#at(path);
    const handle = await folder.getFileHandle(name).catch(() => undefined);
    return handle?.getFile();
  }

  async write(path: string, content: Blob) {
    const [folder, name] = await this.#at(path);
    const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await writable.write(content);
    await writable.close(); // until then the file is as it was
  }

  async list(folder: string) {
    const names: string[] = [];
    for await (const name of (await this.#folder(folder)).keys()) names.push(name);
    return names.sort();
  }

  async remove(path: string) {
    const [folder, name] = await this.#at(path);
    await folder.removeEntry(name).catch(() => {});
  }
}

class FilesInMemory implements Files {
  readonly #files = new Map<string, File>();

  async read(path: string) {
    return this.#files.get(path);
  }

  async write(path: string, content: Blob) {
    this.#files.set(path, new File([content], path.split('/').at(-1)!));
  }

  async list(folder: string) {
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(`${folder}/`))
      .map((path) => path.slice(folder.length + 1))
      .sort();
  }

  async remove(path: string) {
    this.#files.delete(path);
  }
}
