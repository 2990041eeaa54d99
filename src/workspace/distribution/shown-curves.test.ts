import { appendFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderStore } from '../../distribution/folder-store.js';
import { openEventFile, tfRecord } from '../../runs/tensorboard.js';
import { showCurves } from './shown-curves.js';

const work = { label: 'lora-50-seed-1', key: '0123456789abcdef' };
const validation = (step: number) => ({ type: 'validation', step, loss: 1, best: 1 }) as const;

test('what a run has written so far is in the store, whole records alone, each once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-curves-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [run, shown] = [join(folder, 'run'), join(folder, 'store', 'tensorboard', 'lora-50-seed-1-01234567')];
  await mkdir(run);
  const earlier = await openEventFile(run, () => 1_700_000_000);
  await earlier.close();
  const curves = await showCurves(folderStore(join(folder, 'store')), work, run);
  await curves.show();
  expect(await readdir(join(folder))).toEqual(['run']); // that of an earlier attempt was shown by it

  const events = await openEventFile(run, () => 1_700_000_001);
  events.write(validation(1));
  await events.close();
  await curves.show();
  await curves.show(); // nothing is new
  const path = join(run, (await readdir(run)).sort()[1]!);
  const record = tfRecord(new Uint8Array(40));
  await appendFile(path, record.subarray(0, 30));
  await curves.show(); // and no record has ended
  expect(await readdir(shown)).toHaveLength(1);
  await appendFile(path, record.subarray(30));
  await curves.show();

  const names = (await readdir(shown)).sort();
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).toMatch(/^events\.out\.tfevents\.1700000001\..+\.\d{9}$/);
  const parts = await Promise.all(names.map((name) => readFile(join(shown, name))));
  expect(Buffer.concat(parts).equals(await readFile(path))).toBe(true);
  expect(await readdir(join(folder, 'store', 'tensorboard'))).toHaveLength(1); // nothing unfinished is left
});

test('the longer a cell takes, the less often it is looked at', async () => {
  let seconds = 0;
  const curves = await showCurves(folderStore('nowhere'), work, 'nowhere', () => seconds);
  const looks: number[] = [];
  for (; seconds < 3600; seconds++) if (curves.isDue()) looks.push(seconds);
  expect(looks.slice(0, 3)).toEqual([10, 20, 30]);
  expect(looks).toHaveLength(75);
});
