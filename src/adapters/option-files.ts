/** @file The files that a method's options name, from disk. */
import { fileSystem } from '#platform';
import type { OptionFiles } from '../attach/method.js';
import { readAdapter } from '../formats/adapter-folder.js';
import { withFileErrors } from '../formats/files.js';
import { openRecords } from '../records/records.js';
import type { ReadOptions } from '../records/text-encoding.js';

/** The files as they are read with the encoding of the data. */
export const filesReadWith = ({ encoding }: Pick<ReadOptions, 'encoding'>): OptionFiles => ({
  adapter: readAdapter,
  text: (path) => withFileErrors(path, 'read', () => fileSystem.readText(path)),
  async *records(path) {
    const records = await openRecords(path, { encoding });
    try {
      yield* records;
    } finally {
      await records.close();
    }
  },
});
