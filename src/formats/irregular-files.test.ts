import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileSystem } from '#platform';
import { withFileErrors } from './files.js';

const ways: Record<string, (path: string) => Promise<unknown>> = {
  open: (path) => fileSystem.open(path, 'read'),
  readText: (path) => fileSystem.readText(path),
  readBytes: (path) => fileSystem.readBytes(path),
  copy: (path) => fileSystem.copy(path, `${path}-copy`),
};

describe.runIf(process.platform === 'linux').each(Object.entries(ways))(
  '%s of what is no file',
  (_, read) => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'promptune-files-'));
    });
    afterAll(() => rm(folder, { recursive: true }));
    const problemOf = (path: string) =>
      withFileErrors(path, 'read', () => read(path)).then(
        () => 'no error',
        (error: Error) => error.message,
      );

    it('does not wait for a pipe without a writer', async () => {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      expect(await problemOf(path)).toBe(
        `${path}: it cannot be read: this is not a regular file, but a pipe, a socket or a device`,
      );
    });

    it('refuses a device without an end', async () => {
      expect(await problemOf('/dev/zero')).toContain(
        'this is not a regular file, but a pipe, a socket or a device',
      );
    });

    it('refuses a socket', async () => {
      const path = join(folder, 'socket');
      const server = createServer().listen(path);
      await new Promise((resolve) => server.once('listening', resolve));
      expect(await problemOf(path)).toContain('this is not a regular file, but a pipe, a socket or a device');
      await new Promise((resolve) => server.close(resolve));
    });

    it('says that a folder is one', async () => {
      expect(await problemOf(folder)).toContain('this is a folder, not a file');
    });
  },
);

it('refuses a text that is too large to be one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-files-'));
  const path = join(folder, 'config.json');
  await writeFile(path, '{');
  await truncate(path, 2 ** 40); // takes no room on the disk
  await expect(withFileErrors(path, 'read', () => fileSystem.readText(path))).rejects.toThrow(
    'config.json: it cannot be read: it is too large to be read as a whole',
  );
  await rm(folder, { recursive: true });
});
