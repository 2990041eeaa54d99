import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockFolder } from './lock.js';
import { findRuns, readRun } from './read-run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-runs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function makeRun(name: string, config: string, lines: readonly object[], rest = ''): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'config.yaml'), config);
  const metrics = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(join(path, 'metrics.jsonl'), metrics + rest);
  return path;
}

const step = (number: number, loss: number) => ({ step: number, epoch: number / 2, loss, seconds: 0.5 });
const validation = (number: number, loss: number) => ({ step: number, validationLoss: loss });

it('reads the curves, the time and the settings, whatever a kill tore', async () => {
  const lines = [step(1, 4), step(2, 3), validation(2, 3.5), step(3, 2)];
  const run = await readRun(await makeRun('torn', 'method: lora\nepochs: 3\n', lines, '{"step": 4, "lo'));
  expect(run).toMatchObject({ config: { method: 'lora' }, state: 'stopped', steps: 3, seconds: 1.5 });
  expect(run!.loss).toEqual([1, 2, 3].map((number, i) => ({ step: number, value: 4 - i })));
  expect(run!.validationLoss).toEqual([{ step: 2, value: 3.5 }]);
});

it.each([
  ['done', 'epochs: 1', [step(1, 4), step(2, 3)]],
  ['done', 'maxSteps: 2\nepochs: 9', [step(1, 4), step(2, 3), validation(2, 1)]],
  ['stopped', 'epochs: 2', [step(1, 4), step(2, 3)]],
  ['stopped', 'epochs: 2', []],
  [
    'stopped early',
    'epochs: 9\nearlyStoppingPatience: 2',
    [step(1, 4), ...[1, 2, 3].map((n) => validation(n, n))],
  ],
  [
    'stopped',
    'epochs: 9\nearlyStoppingPatience: 2',
    [step(1, 4), ...[1, 2, 3].map((n) => validation(n, -n))],
  ],
] as const)('is %s after %j', async (state, config, lines) => {
  expect((await readRun(await makeRun('state', config, lines)))!.state).toBe(state);
});

it('is running while a live process holds it', async () => {
  const path = await makeRun('live', 'epochs: 1', [step(1, 4), step(2, 3)]);
  const lock = await lockFolder(path);
  expect((await readRun(path))!.state).toBe('running');
  await lock.release();
  expect((await readRun(path))!.state).toBe('done');
});

it('is found in nested folders, in numerical order, and other folders are ignored', async () => {
  const inner = join(folder, 'inner');
  await makeRun('inner/size-20/run', 'epochs: 1', []);
  await makeRun('inner/size-3/run', 'epochs: 1', []);
  await makeRun('inner/.hidden', 'epochs: 1', []);
  const found = ['size-3/run', 'size-20/run'].map((path) => join(inner, path));
  expect(await findRuns(inner)).toEqual(found);
  expect(await findRuns(found[0]!)).toEqual([found[0]]);
  expect(await readRun(inner)).toBeUndefined();
});

it('does not follow links to where they are', async () => {
  const inner = join(folder, 'linked');
  const path = await makeRun('linked/run', 'epochs: 1', []);
  await mkdir(join(inner, 'inside'));
  await symlink('..', join(inner, 'inside', 'up'));
  await symlink('.', join(inner, 'here'));
  expect(await findRuns(inner)).toEqual([path]);
});

it("is refused with the place of the fault if its files are not a run's", async () => {
  const path = await makeRun('broken', 'epochs: 1', [], 'not JSON\n');
  await expect(readRun(path)).rejects.toThrow(/metrics\.jsonl \(line 1\): expected numbers by name, as JSON/);
  for (const [i, line] of ['null\n', '[1]\n', '{"loss": 1}\n', '{"step": 1, "loss": "low"}\n'].entries())
    await expect(readRun(await makeRun(`line-${i}`, 'epochs: 1', [], line))).rejects.toThrow(/\(line 1\)/);
  await expect(readRun(await makeRun('text', 'just text', []))).rejects.toThrow(
    /config\.yaml: expected the settings/,
  );
});

it('reads the key that earlier versions called `verbaliser`', async () => {
  const path = await makeRun('earlier', 'verbaliser:\n  good: positive\nepochs: 1\n', [step(1, 4)]);
  expect((await readRun(path))!.config).toEqual({ verbalizer: { good: 'positive' }, epochs: 1 });
});
