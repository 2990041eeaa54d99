/** @file Both platforms do the same; `web` is tested in Node.js, which has what it uses. */
import { createHash } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as node from './node.js';
import type { Platform } from './platform.js';
import * as web from './web.js';

const platforms: Record<string, Platform> = { node, web };

describe.each(Object.entries(platforms))('%s', (name, { fileSystem, ...platform }) => {
  let root: string;
  beforeAll(async () => {
    root =
      name === 'web' ? '/tmp/here' : await realpath(await mkdtemp(join(tmpdir(), 'promptune-platform-')));
    await fileSystem.makeFolder(root);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));
  const at = (...names: string[]) => platform.join(root, ...names);
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no error',
      (error) => [error.code, 'syscall' in error],
    );
  const write = async (path: string, ...contents: (string | Uint8Array)[]) => {
    const file = await fileSystem.open(path, 'create');
    for (const content of contents) await file.append(content);
    await file.sync();
    await file.close();
  };

  it('writes a file in parts and reads it at any place', async () => {
    await write(at('a'), 'ä\n', Uint8Array.of(1, 2, 3));
    expect(await fileSystem.readText(at('a'))).toBe('ä\n\x01\x02\x03');
    expect([...(await fileSystem.readBytes(at('a')))]).toEqual([0xc3, 0xa4, 10, 1, 2, 3]);
    const file = await fileSystem.open(at('a'), 'read');
    expect(await file.size()).toBe(6);
    const bytes = new Uint8Array(4);
    expect(await file.read(bytes, 1)).toBe(4);
    expect([...bytes]).toEqual([0xa4, 10, 1, 2]);
    expect(await file.read(bytes, 4)).toBe(2);
    expect([...bytes]).toEqual([2, 3, 1, 2]);
    expect(await file.read(bytes, 9)).toBe(0);
    await file.close();
  });

  it('appends to a file that is there, or is made, and cuts it', async () => {
    for (const content of ['abc', 'def']) {
      const file = await fileSystem.open(at('log'), 'append');
      await file.append(content);
      await file.close();
    }
    expect(await fileSystem.readText(at('log'))).toBe('abcdef');
    const file = await fileSystem.open(at('log'), 'append');
    await file.truncate(2);
    await file.append('x');
    await file.close();
    expect(await fileSystem.readText(at('log'))).toBe('abx');
  });

  it('has temporary files that are written and read', async () => {
    const file = await fileSystem.openTemporary();
    await file.append('abc');
    await file.append('def');
    const bytes = new Uint8Array(3);
    await file.read(bytes, 2);
    expect(new TextDecoder().decode(bytes)).toBe('cde');
    expect(await file.size()).toBe(6);
    await file.close();
  });

  it('distinguishes files and folders, and returns undefined if there is neither', async () => {
    const before = Date.now() - 5000;
    await fileSystem.makeFolder(at('kinds'));
    await write(at('kinds', 'file'), 'abc');
    expect(await fileSystem.stat(at('kinds'))).toMatchObject({ kind: 'folder' });
    const stat = await fileSystem.stat(at('kinds', 'file'));
    expect(stat).toMatchObject({ kind: 'file', size: 3 });
    expect(stat!.modified).toBeGreaterThan(before);
    expect(await fileSystem.stat(at('none'))).toBeUndefined();
    expect(await fileSystem.stat(at('kinds', 'file', 'below'))).toBeUndefined();
  });

  it('makes, lists, moves, copies and removes', async () => {
    expect(await fileSystem.makeFolder(at('x', 'y'))).toBe(true);
    expect(await fileSystem.makeFolder(at('x', 'y'))).toBe(false);
    await write(at('x', 'y', 'f'), 'f');
    await fileSystem.copy(at('x', 'y', 'f'), at('x', 'g'));
    expect((await fileSystem.list(at('x'))).sort()).toEqual(['g', 'y']);
    await fileSystem.rename(at('x', 'y'), at('x', 'z'));
    expect(await fileSystem.readText(at('x', 'z', 'f'))).toBe('f');
    await write(at('x', 'h'), 'h');
    await fileSystem.rename(at('x', 'h'), at('x', 'g')); // replaces the file
    expect(await fileSystem.readText(at('x', 'g'))).toBe('h');
    expect(await code(fileSystem.removeEmptyFolder(at('x', 'z')))).toEqual(['ENOTEMPTY', true]);
    await fileSystem.remove(at('x', 'z'));
    await fileSystem.remove(at('x', 'z'));
    await fileSystem.remove(at('x', 'g'));
    await fileSystem.flush(at('x'));
    await fileSystem.removeEmptyFolder(at('x'));
    expect(await fileSystem.stat(at('x'))).toBeUndefined();
    expect(await fileSystem.realpath(at('a', '..', 'log'))).toBe(at('log'));
  });

  it('gives a file a second name, where there is none', async () => {
    await write(at('first'), 'one');
    await fileSystem.link(at('first'), at('second'));
    await fileSystem.remove(at('first'));
    expect(await fileSystem.readText(at('second'))).toBe('one');
    await write(at('first'), 'two');
    expect(await code(fileSystem.link(at('first'), at('second')))).toEqual(['EEXIST', true]);
    expect(await fileSystem.readText(at('second'))).toBe('one');
  });

  it('reports failures with the same codes', async () => {
    await write(at('taken'), '');
    await fileSystem.makeFolder(at('full', 'inner'));
    await fileSystem.makeFolder(at('other'));
    const wrong: Promise<unknown>[] = [
      fileSystem.open(at('none'), 'read'),
      fileSystem.open(at('none', 'below'), 'create'),
      fileSystem.open(at('taken'), 'create'),
      fileSystem.readText(at('none')),
      fileSystem.readText(root),
      fileSystem.readText(at('taken', 'below')),
      fileSystem.list(at('none')),
      fileSystem.list(at('taken')),
      fileSystem.makeFolder(at('taken')),
      fileSystem.makeFolder(at('taken', 'below')),
      fileSystem.rename(at('none'), at('other')),
      fileSystem.rename(at('other'), at('taken')),
      fileSystem.rename(at('taken'), at('other')),
      fileSystem.rename(at('other'), at('full')),
      fileSystem.realpath(at('none')),
    ];
    expect(await Promise.all(wrong.map(code))).toEqual(
      [
        ...['ENOENT', 'ENOENT', 'EEXIST', 'ENOENT', 'EISDIR', 'ENOTDIR', 'ENOENT', 'ENOTDIR'],
        ...['EEXIST', 'ENOTDIR', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'ENOENT'],
      ].map((expected) => [expected, true]),
    );
  });

  it('lets waiting events run', async () => {
    let turned = false;
    setTimeout(() => {
      turned = true;
    }, 0);
    for (let turn = 0; turn < 1000 && !turned; turn++) await platform.yieldToEvents();
    expect(turned).toBe(true);
  });

  it('hashes data in parts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'grapheme' }))),
        (parts) => {
          const [hash, expected] = [platform.sha256(), createHash('sha256')];
          for (const part of parts) {
            hash.update(part);
            expected.update(part);
          }
          expect(hash.hex()).toBe(expected.digest('hex'));
        },
      ),
    );
  });

  async function* inParts(bytes: Uint8Array) {
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  }
  const text = Array.from({ length: 20_000 }, (_, i) => i * i).join();
  const unpacked = async (packed: AsyncIterable<Uint8Array>) => {
    let content = '';
    const decoder = new TextDecoder();
    for await (const chunk of platform.gunzip(packed)) content += decoder.decode(chunk, { stream: true });
    return content;
  };

  it('unpacks gzip', async () => {
    expect(await unpacked(inParts(gzipSync(text)))).toBe(text);
    expect(await unpacked(inParts(gzipSync('')))).toBe('');
  });

  it('refuses invalid and truncated gzip, and passes on errors of the source', async () => {
    await expect(unpacked(inParts(new TextEncoder().encode('{"a": 1}')))).rejects.toThrow(Error);
    await expect(unpacked(inParts(gzipSync(text).subarray(0, 20_000)))).rejects.toThrow(Error);
    async function* broken() {
      yield gzipSync(text).subarray(0, 1000);
      throw new RangeError('no more');
    }
    await expect(unpacked(broken())).rejects.toThrow('no more');
  });

  it('closes a compressed file if reading stops early', async () => {
    let closed = false;
    async function* source() {
      try {
        yield* inParts(gzipSync(text));
      } finally {
        closed = true;
      }
    }
    for await (const chunk of platform.gunzip(source())) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await platform.yieldToEvents();
    expect(closed).toBe(true);
  });

  it('recognizes the process, and that another one does not exist', async () => {
    const { host } = platform;
    expect(host.threads).toBeGreaterThanOrEqual(1);
    const { pid, space } = host.process;
    expect(`${pid}.${host.process.started}.${space}`).toMatch(/^\d+\.[a-z0-9]+\.[a-z0-9]+$/);
    expect(await host.isRunning(host.process)).toBe(true);
    expect(await host.isRunning({ pid, space })).toBe(true);
    expect(await host.isRunning({ ...host.process, started: 'earlier' })).toBe(false);
    expect(await host.isRunning({ pid: 2 ** 30, space })).toBe(false);
    expect(platform.resolve(host.cacheFolder())).toBe(host.cacheFolder());
  });
});

it('tells private memory from the peak', () => {
  const { privateBytes, peakBytes } = node.host.memoryUsage();
  expect(privateBytes).toBeGreaterThan(1e6);
  expect(peakBytes).toBeGreaterThanOrEqual(privateBytes * 0.5);
});

describe('paths of a page are those of POSIX', () => {
  const part = fc.oneof(
    fc.constantFrom('.', '..', 'a', 'b.c', '.d', 'e.', 'f.g.h'),
    fc.string({ maxLength: 3 }),
  );
  const path = fc
    .tuple(fc.constantFrom('', '/'), fc.array(part, { maxLength: 5 }), fc.constantFrom('', '/'))
    .map(([start, parts, end]) =>
      `${start}${parts.filter((name) => !name.includes('/')).join('/')}${end}`.replace(/\/+/g, '/'),
    );

  it('of one path', () => {
    fc.assert(
      fc.property(path, (given) => {
        expect(web.basename(given)).toBe(posix.basename(given));
        expect(web.dirname(given)).toBe(posix.dirname(given));
        expect(web.extname(given)).toBe(posix.extname(given));
      }),
      { numRuns: 2000 },
    );
  });

  it('of several', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 3 }), (given) => {
        expect(web.join(...given)).toBe(posix.join(...given));
        expect(web.resolve('/here', ...given)).toBe(posix.resolve('/here', ...given));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(path, path, (from, to) => {
        const [absoluteFrom, absoluteTo] = [posix.resolve('/', from), posix.resolve('/', to)];
        expect(web.relative(absoluteFrom, absoluteTo)).toBe(posix.relative(absoluteFrom, absoluteTo));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('mounted content', () => {
  it('is read where it is, blob or bytes, and leaves what was mounted as it is when it is written to', async () => {
    const bytes = new TextEncoder().encode('hello');
    web.mount('/models/m/a.bin', bytes);
    web.mount('/models/m/b.bin', new Blob(['wor', 'ld']));
    expect((await web.fileSystem.list('/models/m')).sort()).toEqual(['a.bin', 'b.bin']);
    for (const [name, content] of [
      ['a.bin', 'hello'],
      ['b.bin', 'world'],
    ] as const) {
      const path = `/models/m/${name}`;
      expect(await web.fileSystem.stat(path)).toMatchObject({ kind: 'file', size: 5 });
      const file = await web.fileSystem.open(path, 'append');
      const middle = new Uint8Array(3);
      expect(await file.read(middle, 1)).toBe(3);
      expect(new TextDecoder().decode(middle)).toBe(content.slice(1, 4));
      await file.append('!');
      expect(await web.fileSystem.readText(path)).toBe(`${content}!`);
    }
    expect(new TextDecoder().decode(bytes)).toBe('hello');
  });
});
