/** @file Every store keeps the same promises: the folder one on disk, that of S3 against a server in this process. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderStore } from './folder-store.js';
import { runWorks } from './run-works.js';
import { s3Server } from './s3-server.fixture.js';
import { s3Store } from './s3-store.js';
import { blobName, resultName, type Store } from './store.js';
import { filesOf, textOf, toyEngine, toyWork } from './toy-engine.fixture.js';

let folder: string;
let server: Server;
let bucket: ReturnType<typeof s3Server>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-store-'));
  bucket = s3Server();
  server = createServer(bucket.answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const stores: [string, () => Store][] = [
  ['a folder', () => folderStore(join(folder, 'store'))],
  [
    'S3',
    () => {
      const { port } = server.address() as AddressInfo;
      return s3Store('s3://bucket/some/where/', async () => ({
        endpoint: `http://127.0.0.1:${port}`,
        fetch,
      }));
    },
  ],
];

describe.each(stores)('%s', (_, open) => {
  it('creates entries whole, once, and gives them back', async () => {
    const store = open();
    expect(await store.has('cell/ab/abc')).toBe(false);
    expect(await store.get('cell/ab/abc')).toBeUndefined();
    expect(await store.list('cell')).toEqual([]);
    const files = filesOf({ 'result.json': '{"a":1}', 'run/adapter/weights &1.bin': '\0\x01' });
    expect(await store.create('cell/ab/abc', files)).toBe(true);
    expect(await store.create('cell/ab/abc', filesOf({ 'result.json': 'other' }))).toBe(false);
    expect(await store.has('cell/ab/abc')).toBe(true);
    const found = (await store.get('cell/ab/abc'))!;
    expect([...found.keys()].sort()).toEqual(['result.json', 'run/adapter/weights &1.bin']);
    expect(textOf(found)).toBe('{"a":1}');
    expect(textOf(found, 'run/adapter/weights &1.bin')).toBe('\0\x01');
  });

  it('of many that create the same entry at once, one does', async () => {
    const attempts = Array.from({ length: 8 }, (_, i) =>
      open().create('cell/cd/cde', filesOf({ 'result.json': `${i}`, other: `${i}` })),
    );
    const created = await Promise.all(attempts);
    expect(created.filter(Boolean)).toHaveLength(1);
    const found = await open().get('cell/cd/cde');
    expect(textOf(found)).toBe(String(created.indexOf(true)));
    expect(textOf(found, 'other')).toBe(textOf(found));
  });

  it('shows files to other tools, which are no entries', async () => {
    const store = open();
    await store.show('tensorboard/a-1/events.0', new TextEncoder().encode('one'));
    await store.show('tensorboard/a-1/events.1', new TextEncoder().encode('two'));
    expect(await store.get('tensorboard/a-2')).toBeUndefined();
    if (store.url.startsWith('folder:')) {
      const shown = join(folder, 'store', 'tensorboard', 'a-1');
      expect((await readdir(shown)).sort()).toEqual(['events.0', 'events.1']);
      expect(await readdir(join(shown, '..'))).toEqual(['a-1']);
    } else expect(`${bucket.objects.get('some/where/tensorboard/a-1/events.1')}`).toBe('two');
  });

  it('lists entries, and removes them', async () => {
    const store = open();
    for (const step of ['0001', '0002']) await store.create(`checkpoint/k&y/${step}`, filesOf({ a: step }));
    expect((await store.list('checkpoint/k&y')).sort()).toEqual([
      'checkpoint/k&y/0001',
      'checkpoint/k&y/0002',
    ]);
    await store.remove('checkpoint/k&y/0001');
    await store.remove('checkpoint/nothing/0001');
    expect(await store.list('checkpoint/k&y')).toEqual(['checkpoint/k&y/0002']);
  });
});

it('names have few entries a folder', () => {
  expect(resultName('cell', 'abcdef')).toBe('cell/ab/abcdef');
  expect(blobName('0123')).toBe('blob/01/0123');
});

describe('a folder that machines share', () => {
  it("leaves another machine's temporaries alone, and does not list them", async () => {
    const store = folderStore(join(folder, 'shared'));
    await store.create('cell/ab/one', filesOf({ a: '1' }));
    // As a writer on another machine names it: a space of process numbers that is not ours.
    const foreign = '.two.incomplete-12.345.abcdefabcdef-01234567';
    await writeFile(join(folder, 'shared/cell/ab', foreign), 'half');
    await store.create('cell/ab/two', filesOf({ a: '2' }));
    expect((await readdir(join(folder, 'shared/cell/ab'))).sort()).toEqual([foreign, 'one', 'two']);
    expect(await store.list('cell/ab')).toEqual(['cell/ab/one', 'cell/ab/two']);
  });

  it('refuses files that would lie outside of the entry, and says what cannot be written', async () => {
    const store = folderStore(join(folder, 'outside'));
    await expect(store.create('cell/ab/x', filesOf({ '../../y': '1' }))).rejects.toThrow(
      'a file of a result lies outside of its folder',
    );
    await writeFile(join(folder, 'file'), '');
    await expect(folderStore(join(folder, 'file')).create('cell/ab/x', filesOf({ a: '1' }))).rejects.toThrow(
      /file.*: it cannot be written: a part of this path is a file/,
    );
  });
});

it('a service that refuses is named, with its reason', async () => {
  const refusing: typeof fetch = async () =>
    new Response('<Error><Message>Access Denied</Message></Error>', { status: 403 });
  const store = s3Store('s3://bucket', async () => ({
    endpoint: 'http://nowhere',
    fetch: refusing as never,
  }));
  await expect(store.has('cell/a')).rejects.toThrow(
    's3://bucket: cell/a/files.json cannot be read: 403 Access Denied',
  );
  expect(() => s3Store('s3:/bucket', async () => ({}) as never)).toThrow('expected s3://BUCKET/PREFIX');
});

/** A disk of its own size, where the system and the user's rights allow it. */
function tryMount(at: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', at]).status === 0;
}
const remount = (at: string, options: string) => execFileSync('mount', ['-o', `remount,${options}`, at]);

describe('the disk of a store', () => {
  const disk = () => join(folder, 'disk');
  let isMounted = false;
  beforeAll(async () => {
    await mkdir(disk());
    isMounted = tryMount(disk(), '64k');
  });
  afterAll(() => {
    if (isMounted) execFileSync('umount', [disk()]);
  });
  const works = ['a', 'b', 'c'].map((label) => toyWork(label));
  const engine = toyEngine((work) => filesOf({ 'result.json': work.label.repeat(30_000) }), 1);
  const states = async (store: Store) =>
    (await runWorks(works, { engine, store })).map((outcome) =>
      outcome?.state === 'failed' ? outcome.error.message : outcome?.kept,
    );

  it('is full: works fail with its path, nothing is half there, and what is missing is done later', async (test) => {
    if (!isMounted) test.skip();
    const store = folderStore(disk());
    const full = await states(store);
    expect(full[0]).toBe(false);
    expect(full[2]).toMatch(new RegExp(`^${disk()}.*the disk is full`));
    expect(await store.get(resultName('toy', works[2]!.key))).toBeUndefined();
    expect((await readdir(disk(), { recursive: true })).filter((name) => /incomplete/.test(name))).toEqual(
      [],
    );
    remount(disk(), 'size=1m');
    expect(await states(store)).toEqual([true, expect.any(Boolean), false]);
  });

  it('is read-only: what it has is found, and the rest fails with its path', async (test) => {
    if (!isMounted) test.skip();
    const store = folderStore(disk());
    await store.create(resultName('toy', works[0]!.key), filesOf({ 'result.json': 'a' }));
    await store.remove(resultName('toy', works[1]!.key));
    remount(disk(), 'ro');
    const found = await states(store);
    expect(found[0]).toBe(true);
    expect(found[1]).toMatch(new RegExp(`^${disk()}.*read-only`));
    remount(disk(), 'rw');
    expect(await states(store)).toEqual([true, false, expect.any(Boolean)]);
  });
});
