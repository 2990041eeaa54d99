/** @file Works as they travel: keys without places, inputs in a store, checkpoints for others, scratch. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Cell, planCells } from '../../comparison/cells.js';
import { resolveComparison } from '../../comparison/config.js';
import { folderStore } from '../../distribution/folder-store.js';
import { filesOf, textOf } from '../../distribution/toy-engine.fixture.js';
import { copyId, jobId, keyOfJob, queuedWork } from '../queue/messages.js';
import { queueInput, workOfQueue } from '../queue/queue-input.js';
import { cellFiles, cellWork, resultOfCell, writeCellFolder } from './cell-work.js';
import { downloadInputs, uploadInputs } from './portable-files.js';
import { withScratch } from './scratch.js';
import { removeSnapshots, restoreSnapshot, saveSnapshot } from './snapshots.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-works-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const cellsIn = (place: string, own: object = {}): Cell[] =>
  planCells(
    resolveComparison({
      ...{ data: join(place, 'train.jsonl'), test: join(place, 'test.jsonl'), output: join(place, 'out') },
      ...{ labels: ['a', 'b'], seeds: [1, 2], methods: ['lora'], learningRate: 0.1, maxSteps: 3 },
      ...own,
    }),
  );

describe('the key of a cell', () => {
  const contents = { weights: 'w', data: 'd', 'test data': 't' };
  const keyOf = (cell: Cell, machineClass = 'c', given: Record<string, string> = contents) =>
    cellWork(cell, given, { machineClass }).key;

  it('is the same wherever the files lie, and with any number of threads, which the class has', () => {
    const [, one] = cellsIn('here');
    const [, other] = cellsIn('there', { threads: 7, tensorboard: true });
    expect(keyOf(other!)).toBe(keyOf(one!));
  });

  it('is another for another seed, setting, content or class', () => {
    const [untuned, one, two] = cellsIn('here');
    const [, longer] = cellsIn('here', { maxSteps: 4 });
    const [, metric] = cellsIn('here', { metrics: ['accuracy'] });
    const keys = [untuned!, one!, two!, longer!, metric!].map((cell) => keyOf(cell));
    keys.push(keyOf(one!, 'other'), keyOf(one!, 'c', { ...contents, data: 'e' }));
    expect(new Set(keys).size).toBe(7);
  });
});

it('a work goes through the queue and the store, and finds its files in another place', async () => {
  const place = join(folder, 'origin');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'train.jsonl'), 'training');
  await writeFile(join(place, 'test.jsonl'), 'test');
  const [, cell] = cellsIn(place);
  const files = await cellFiles(cell!);
  expect(files.map(({ at }) => at.join('.'))).toEqual(['cell.settings.test', 'cell.settings.run.data']);
  const work = { ...cellWork(cell!, {}, { machineClass: 'c', files }), blobs: new Map() };
  const store = folderStore(join(folder, 'store'));
  await uploadInputs(work, store);
  await rm(place, { recursive: true });
  const queued = JSON.parse(JSON.stringify(await queueInput(queuedWork(work), store)));
  const arrived = await workOfQueue(queued, store, join(folder, 'cache'));
  const { settings } = (arrived.input as { cell: Cell }).cell;
  expect(await readFile(settings.test, 'utf8')).toBe('test');
  expect(await readFile(settings.run!.data as string, 'utf8')).toBe('training');
  expect(settings.test.endsWith('test.jsonl')).toBe(true); // formats are told by names
  expect(arrived.key).toBe(work.key);
  expect([jobId(work.key), copyId(work.key)].map(keyOfJob)).toEqual([work.key, work.key]);
});

it('a large input is in the store, and one that the store lacks is told', async () => {
  const store = folderStore(join(folder, 'large'));
  const input = { text: 'x'.repeat(60_000) };
  const work = { key: 'ab'.repeat(32), kind: 'answers', label: 'l', input };
  const queued = await queueInput(queuedWork(work), store);
  expect(JSON.stringify(queued).length).toBeLessThan(1000);
  expect((await workOfQueue(queued, store, folder)).input).toEqual(input);
  const files = [{ at: ['text'], isFolder: false, files: [{ name: 'a', sha256: 'cd'.repeat(32) }] }];
  await expect(downloadInputs({ input, files }, store, join(folder, 'none'))).rejects.toThrow(
    /blob\/cd\/cd.* is missing; run the command that made the work again/,
  );
});

it('a folder of an adapter arrives as a folder', async () => {
  const adapter = join(folder, 'adapter');
  await mkdir(join(adapter, 'part'), { recursive: true });
  await writeFile(join(adapter, 'a.json'), '1');
  await writeFile(join(adapter, 'part/b.bin'), '2');
  const { listedFiles } = await import('./portable-files.js');
  const files = [await listedFiles(['of', 'adapters', 0], adapter)];
  const store = folderStore(join(folder, 'adapters'));
  const input = { of: { adapters: [adapter] } };
  await uploadInputs({ key: 'k', kind: 'losses', label: 'l', input, files }, store);
  const arrived = await downloadInputs({ input, files }, store, join(folder, 'cache2'));
  const [copy] = (arrived as typeof input).of.adapters;
  expect(copy).not.toBe(adapter);
  expect((await readdir(copy!, { recursive: true })).sort()).toEqual(['a.json', 'part', 'part/b.bin']);
});

it('a snapshot lets another machine go on from the newest checkpoint, until the work is done', async () => {
  const store = folderStore(join(folder, 'snapshots'));
  const run = join(folder, 'run');
  const write = async (step: number) => {
    await mkdir(join(run, `checkpoints/step-${step}`), { recursive: true });
    for (const name of ['config.yaml', 'metrics.jsonl', 'run.lock', `checkpoints/step-${step}/state.json`])
      await writeFile(join(run, name), `${step}`);
  };
  await write(5);
  expect(await saveSnapshot(store, 'key', run, 5)).toBe(true);
  await write(10);
  expect(await saveSnapshot(store, 'key', run, 10)).toBe(true);
  expect(await store.list('checkpoint/key')).toHaveLength(1);
  const other = join(folder, 'other');
  expect(await restoreSnapshot(store, 'key', other)).toBe(true);
  expect(await readFile(join(other, 'config.yaml'), 'utf8')).toBe('10');
  expect(await readdir(other)).not.toContain('run.lock');
  expect(await readdir(join(other, 'checkpoints'))).toContain('step-10');
  expect(await restoreSnapshot(store, 'key', other)).toBe(false); // there is a run
  await writeFile(join(run, 'checkpoints/huge'), new Uint8Array(17 * 1024 * 1024));
  expect(await saveSnapshot(store, 'key', run, 15)).toBe(false);
  await removeSnapshots(store, 'key');
  expect(await store.list('checkpoint/key')).toEqual([]);
});

it('scratch is kept where work failed, removed where it is done, and never that of two at once', async () => {
  vi.stubEnv('PROMPTUNE_SCRATCH', join(folder, 'scratch'));
  const failing = withScratch('k', async (place) => {
    await writeFile(join(place, 'half'), '');
    throw new Error('killed');
  });
  await expect(failing).rejects.toThrow('killed');
  const places: string[] = [];
  await withScratch('k', async (place) => {
    places.push(place);
    expect(await readdir(place)).toEqual(['half']);
    await withScratch('k', async (second) => {
      places.push(second);
      expect(await readdir(second)).toEqual([]);
    });
  });
  expect(new Set(places).size).toBe(2);
  expect(await readdir(join(folder, 'scratch'))).toEqual([]);
});

it("a cell's folder as files, and back", async () => {
  const from = join(folder, 'cell');
  await mkdir(join(from, 'run/adapter'), { recursive: true });
  await mkdir(join(from, 'run/checkpoints'), { recursive: true });
  const names = [
    'cell.json',
    'predictions.jsonl',
    'run/run.lock',
    'run/adapter/a.bin',
    'run/checkpoints/x',
    'run/events.out.tfevents.1.host.2',
  ];
  for (const name of names) await writeFile(join(from, name), name);
  await writeFile(join(from, 'result.json'), '{"scores":{"f":1}}');
  await writeFile(join(from, 'measured.json'), '{"seconds":2}');
  const files = await resultOfCell(from);
  expect([...files.keys()]).toEqual([
    'measured.json',
    'predictions.jsonl',
    'result.json',
    'run/adapter/a.bin',
    'run/events.out.tfevents.1.host.2',
  ]);
  const result = await writeCellFolder(join(folder, 'cell2'), files);
  expect(result).toEqual({ scores: { f: 1 }, seconds: 2 });
  expect(textOf(filesOf({ 'result.json': await readFile(join(folder, 'cell2/result.json'), 'utf8') }))).toBe(
    '{"scores":{"f":1}}',
  );
});
