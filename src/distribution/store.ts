/**
 * @file Where results lie, by the keys of their work: work is done when its result is there. Whatever queues, lists or
 *   remembers work besides can be lost.
 */
import type { ResultFiles } from './work.js';

/**
 * Entries of files by names such as `cell/ab/ab12…`. An entry appears whole or not at all, and is never changed. There
 * are no locks: whoever comes second leaves what is there.
 */
export interface Store {
  /** As `openStore` takes it, without keys. */
  readonly url: string;
  has(name: string): Promise<boolean>;
  get(name: string): Promise<ResultFiles | undefined>;
  /** Returns whether the entry was created; false if there is one already, whatever its files. */
  create(name: string, files: ResultFiles): Promise<boolean>;
  /**
   * Puts a file at a path, for those who look at the store with other tools, such as TensorBoard. It is no result and
   * no entry: nothing reads it back.
   */
  show(path: string, bytes: Uint8Array): Promise<void>;
  /** The names of entries that begin with `folder/`, one level deep. */
  list(folder: string): Promise<string[]>;
  /** Removes an entry, if there is one. Only for what was never a result, such as checkpoints of work that is done. */
  remove(name: string): Promise<void>;
}

/** The name of a work's result. Two digits first, because folders of many thousands of entries are slow. */
export const resultName = (kind: string, key: string): string => `${kind}/${key.slice(0, 2)}/${key}`;

/** The name of an input by its SHA-256. */
export const blobName = (sha256: string): string => resultName('blob', sha256);
