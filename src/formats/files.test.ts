import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { host } from '#platform';
import { FileError } from '../errors.js';
import {
  isTemporaryName,
  listFolder,
  removeAllLeftovers,
  removeLeftovers,
  writeFileAtomic,
  writeFolderAtomic,
  writeJsonAtomic,
} from './files.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

const inFolder = useTemporaryFolder();
const text = (path: string) => readFile(path, 'utf8');

/** What the system reports, here thrown where content is made or written. */
function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: from the system, write`), { code, syscall: 'write' });
}

/** A process that has ended, and whose number is therefore nobody's. */
const endedProcess = Number(execFileSync(process.execPath, ['-e', 'console.log(process.pid)']));
const leftover = (name: string, end = '') => inFolder(`.${name}.incomplete-${endedProcess}-0123abcd${end}`);

describe('writeFileAtomic', () => {
  it('writes text, bytes and chunks, making the folders on the way', async () => {
    await writeFileAtomic(inFolder('a', 'b', 'text'), 'é');
    await writeFileAtomic(inFolder('bytes'), Uint8Array.of(0xc3, 0xa9));
    await writeFileAtomic(inFolder('chunks'), [Uint8Array.of(0xc3), Uint8Array.of(0xa9)]);
    expect(
      await Promise.all([inFolder('a', 'b', 'text'), inFolder('bytes'), inFolder('chunks')].map(text)),
    ).toEqual(['é', 'é', 'é']);
  });

  it('replaces a file, and on failure leaves the old one and nothing else', async () => {
    await writeFileAtomic(inFolder('file'), 'old');
    await writeFileAtomic(inFolder('file'), 'newer');
    expect(await text(inFolder('file'))).toBe('newer');
    const failing = function* () {
      yield Buffer.from('half');
      throw new Error('no more');
    };
    await expect(writeFileAtomic(inFolder('file'), failing())).rejects.toThrow(/^no more$/);
    expect(await readdir(inFolder())).toEqual(['file']);
    expect(await text(inFolder('file'))).toBe('newer');
  });

  it.each([
    ['ENOSPC', 'it cannot be written: the disk is full; free some space and try again'],
    ['EACCES', 'it cannot be written: no permission for this path'],
    ['EMFILE', 'it cannot be written: too many files are open; raise the limit (ulimit -n) and try again'],
    ['EBUSY', 'it cannot be written: EBUSY: from the system, write'],
  ])('says %s in plain words', async (code, problem) => {
    const failing = function* () {
      yield Buffer.from('half');
      throw systemError(code);
    };
    const error = await writeFileAtomic(inFolder('file'), failing()).catch((caught) => caught);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toBe(`${inFolder('file')}: ${problem}`);
    expect(await readdir(inFolder())).toEqual([]);
  });

  it('refuses paths through a file and onto a folder', async () => {
    await writeFile(inFolder('file'), '');
    await mkdir(inFolder('folder'));
    await expect(writeFileAtomic(inFolder('file', 'x'), '')).rejects.toThrow(FileError);
    await expect(writeFileAtomic(inFolder('folder'), '')).rejects.toThrow('this is a folder, not a file');
    expect((await readdir(inFolder())).sort()).toEqual(['file', 'folder']);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'refuses a read-only folder',
    async () => {
      await mkdir(inFolder('locked'), { mode: 0o500 });
      await expect(writeFileAtomic(inFolder('locked', 'file'), '')).rejects.toThrow(
        'no permission for this path',
      );
    },
  );

  it('removes what a killed writer of the same file left, and nothing else', async () => {
    await writeFile(leftover('file'), 'half');
    await writeFile(leftover('other'), 'half');
    await writeFileAtomic(inFolder('file'), 'whole');
    const names = await readdir(inFolder());
    expect(names.filter((name) => !isTemporaryName(name))).toEqual(['file']);
    expect(names).toHaveLength(2);
  });
});

it('writeJsonAtomic indents by two spaces and ends the last line', async () => {
  await writeJsonAtomic(inFolder('x.json'), { a: [1] });
  expect(await text(inFolder('x.json'))).toBe('{\n  "a": [\n    1\n  ]\n}\n');
});

describe('writeFolderAtomic', () => {
  const fillWith = (content: string) => async (temporary: string) => {
    await mkdir(join(temporary, 'deep'));
    await writeFile(join(temporary, 'deep', 'file'), content);
  };

  it('writes a folder, and replaces it with all that was in it', async () => {
    await writeFolderAtomic(inFolder('runs', 'adapter'), fillWith('old'));
    await writeFile(inFolder('runs', 'adapter', 'extra'), '');
    await writeFolderAtomic(`${inFolder('runs', 'adapter')}/`, fillWith('new'));
    expect(await readdir(inFolder('runs'))).toEqual(['adapter']);
    expect(await readdir(inFolder('runs', 'adapter'))).toEqual(['deep']);
    expect(await text(inFolder('runs', 'adapter', 'deep', 'file'))).toBe('new');
  });

  it('shows the old folder until the new one is complete', async () => {
    await writeFolderAtomic(inFolder('adapter'), fillWith('old'));
    await writeFolderAtomic(inFolder('adapter'), async (temporary) => {
      await fillWith('new')(temporary);
      expect(await text(inFolder('adapter', 'deep', 'file'))).toBe('old');
    });
    expect(await text(inFolder('adapter', 'deep', 'file'))).toBe('new');
  });

  it('on failure leaves the old folder and nothing else', async () => {
    await writeFolderAtomic(inFolder('adapter'), fillWith('old'));
    const failing = async (temporary: string) => {
      await fillWith('half')(temporary);
      throw systemError('ENOSPC');
    };
    await expect(writeFolderAtomic(inFolder('adapter'), failing)).rejects.toThrow(
      `${inFolder('adapter')}: it cannot be written: the disk is full`,
    );
    await expect(writeFolderAtomic(inFolder('fresh'), failing)).rejects.toThrow(FileError);
    expect(await readdir(inFolder())).toEqual(['adapter']);
    expect(await text(inFolder('adapter', 'deep', 'file'))).toBe('old');
  });

  it('does not replace a file, and does replace a link to a folder, but not that folder', async () => {
    await writeFile(inFolder('file'), 'keep');
    await expect(writeFolderAtomic(inFolder('file'), fillWith(''))).rejects.toThrow(
      'this is a file, not a folder',
    );
    expect(await text(inFolder('file'))).toBe('keep');
    await writeFolderAtomic(inFolder('target'), fillWith('keep'));
    await symlink('target', inFolder('link'));
    await writeFolderAtomic(inFolder('link'), fillWith('new'));
    expect(await text(inFolder('target', 'deep', 'file'))).toBe('keep');
    expect(await text(inFolder('link', 'deep', 'file'))).toBe('new');
    expect((await readdir(inFolder())).sort()).toEqual(['file', 'link', 'target']);
  });
});

describe('after a crash', () => {
  it('between the two renames, a reader finds the old folder again', async () => {
    await mkdir(leftover('adapter', '-old'));
    await writeFile(join(leftover('adapter', '-old'), 'file'), 'old');
    await mkdir(leftover('adapter'));
    expect(await listFolder(inFolder('adapter'), 'an adapter')).toEqual(new Set(['file']));
    expect(await readdir(inFolder())).toEqual(['adapter']);
  });

  it('with the new folder in place, the old one is removed', async () => {
    await mkdir(leftover('adapter', '-old'));
    await mkdir(inFolder('adapter'));
    await writeFile(inFolder('adapter', 'file'), 'new');
    await removeLeftovers(inFolder('adapter'));
    expect(await readdir(inFolder())).toEqual(['adapter']);
    expect(await text(inFolder('adapter', 'file'))).toBe('new');
  });

  const { pid, started, space } = host.process;
  const namedBy = (owner: string, end = '') => inFolder(`.adapter.incomplete-${owner}-0123abcd${end}`);

  it('in a container, where the next process has the number of the killed one, the folder comes back', async () => {
    await mkdir(namedBy(`${pid}.1.${space}`, '-old'));
    await mkdir(namedBy(`${pid}.1.${space}`));
    await removeLeftovers(inFolder('adapter'));
    expect(await readdir(inFolder())).toEqual(['adapter']);
  });

  it("another machine's leftovers restore a missing folder, and are otherwise left alone for a day", async () => {
    const other = `${pid}.${started}.elsewhere`;
    await mkdir(namedBy(other, '-old'));
    await removeLeftovers(inFolder('adapter'));
    expect(await readdir(inFolder())).toEqual(['adapter']);
    await writeFile(namedBy(other), 'half');
    await removeLeftovers(inFolder('adapter'));
    expect(await readdir(inFolder())).toHaveLength(2);
    await removeAllLeftovers(inFolder());
    expect(await readdir(inFolder())).toEqual(['adapter']);
    await writeFile(namedBy(other), 'half');
    await utimes(namedBy(other), 1, 1);
    await removeLeftovers(inFolder('adapter'));
    expect(await readdir(inFolder())).toEqual(['adapter']);
  });

  it('a writer still replaces a folder that was restored or written by another meanwhile', async () => {
    const writers = Array.from({ length: 12 }, (_, i) => i);
    await Promise.all(
      writers.map((i) =>
        writeFolderAtomic(inFolder('adapter'), async (temporary) => {
          await writeFile(join(temporary, 'file'), `${i}`);
        }),
      ),
    );
    expect(writers.map(String)).toContain(await text(inFolder('adapter', 'file')));
    expect(await readdir(inFolder())).toEqual(['adapter']);
  });

  it('the temporary files of a running process are left alone', async () => {
    const running = namedBy(`${pid}.${started}.${space}`);
    await mkdir(running);
    await removeLeftovers(inFolder('adapter'));
    expect((await stat(running)).isDirectory()).toBe(true);
  });
});

it('listFolder says what is missing', async () => {
  await writeFile(inFolder('file'), '');
  await expect(listFolder(inFolder('none'), 'a model folder')).rejects.toThrow(
    `${inFolder('none')}: there is no such folder; expected the path of a model folder`,
  );
  await expect(listFolder(inFolder('file'), 'a model folder')).rejects.toThrow('is a file, not a folder');
});
