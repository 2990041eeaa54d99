/** @file The files that a work names, into a store and out of it, for machines that do not share a disk. */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFiles } from '../../distribution/folder-store.js';
import { blobName, type Store } from '../../distribution/store.js';
import type { PortableFiles, Work } from '../../distribution/work.js';
import { digestOf } from '../../distribution/work-key.js';
import { PromptuneError } from '../../errors.js';
import { fileDigest } from '../../formats/digest.js';
import { createFolderAtomic } from '../../formats/files.js';
import { say } from '../../say.js';

/** What is at a path: a file, or the files in a folder. */
export async function listedFiles(at: readonly (string | number)[], path: string): Promise<PortableFiles> {
  const isFolder = (await stat(path)).isDirectory();
  const names = isFolder ? await filesBelow(path) : [''];
  const files: { name: string; sha256: string }[] = [];
  for (const name of names)
    files.push({ name: name || path.replace(/^.*[/\\]/, ''), sha256: await fileDigest(join(path, name)) });
  return { at, isFolder, files };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

const valueAt = (value: unknown, at: readonly (string | number)[]): unknown =>
  at.reduce((part, key) => (part as Record<string | number, unknown>)[key], value);

/** Puts what a work reads into a store, unless it is there. */
export async function uploadInputs({ input, files = [], blobs }: Work, store: Store): Promise<void> {
  const put = async (sha256: string, name: string, read: () => Promise<Uint8Array> | Uint8Array) => {
    if (!(await store.has(blobName(sha256))))
      await store.create(blobName(sha256), new Map([[name, await read()]]));
  };
  for (const [sha256, bytes] of blobs ?? []) await put(sha256, 'bytes', () => bytes);
  for (const { at, isFolder, files: listed } of files) {
    const path = valueAt(input, at) as string;
    for (const { name, sha256 } of listed)
      await put(sha256, 'bytes', () => readFile(isFolder ? join(path, name) : path));
  }
}

/**
 * A work's input with paths of this machine, and its blobs.
 * @param cache a folder for the files, which are kept by their hashes
 * @throws PromptuneError for a file that the store does not have, or has with other bytes
 */
export async function downloadInputs<W extends Pick<Work, 'input' | 'files'>>(
  { input, files = [] }: W,
  store: Store,
  cache: string,
): Promise<W['input']> {
  if (files.length === 0) return input;
  const copy = structuredClone(input);
  for (const { at, isFolder, files: listed } of files) {
    const folder = join(cache, digestOf(JSON.stringify(listed)).slice(0, 32));
    const exists = await stat(folder).catch(() => undefined);
    if (!exists) {
      await mkdir(cache, { recursive: true });
      await createFolderAtomic(folder, async (temporary) => {
        for (const { name, sha256 } of listed)
          await writeFiles(temporary, new Map([[name, await readBlob(store, sha256)]]));
      });
    }
    const holder = valueAt(copy, at.slice(0, -1)) as Record<string | number, unknown>;
    holder[at.at(-1)!] = isFolder ? folder : join(folder, listed[0]!.name);
  }
  return copy;
}

/** @throws PromptuneError if it is not there, or is not what its name says */
export async function readBlob(store: Store, sha256: string): Promise<Uint8Array> {
  const bytes = (await store.get(blobName(sha256)))?.get('bytes');
  if (bytes && digestOf(bytes) === sha256) return bytes;
  throw new PromptuneError(
    say`${store.url}: ${blobName(sha256)}
      ${bytes ? say`has other bytes than its name says` : say`is missing`}; run the command that
      made the work again`,
  );
}
