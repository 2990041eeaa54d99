/** @file The files that a method's options name, from disk. */
import { fileSystem } from '#platform';
import type { OptionFiles } from '../attach/method.js';
import { readAdapter } from '../formats/adapter-folder.js';
import { withFileErrors } from '../formats/files.js';
import { openRecords } from '../records/records.js';

export const filesOnDisk: OptionFiles = {
  adapter: readAdapter,
  text: (path) => withFileErrors(path, 'read', () => fileSystem.readText(path)),
  async *records(path) {
    const records = await openRecords(path);
    try {
      yield* records;
    } finally {
      await records.close();
    }
  },
};
