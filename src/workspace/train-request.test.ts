import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { readTrainRequest, type Setting } from './train-request.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-request-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = async (text: string) => {
  const path = join(folder, 'run.yaml');
  await writeFile(path, text);
  return path;
};

/** What is wrong, as data. */
async function problemsOf(...request: Parameters<typeof readTrainRequest>) {
  const error = await readTrainRequest(...request).catch((thrown) => thrown);
  if (!(error instanceof UsageError)) return expect.fail(`it was not refused: ${error}`);
  return error.problems;
}

const set = (path: string, value: unknown): Setting => ({ path: path.split('.'), value });

it('a setting overrides the file, and a choice replaces its options', async () => {
  const config = await file(
    'data: a.jsonl\nmethod: lora\nmethodOptions: {r: 4}\nepochs: 9\noptimizer: {name: sgd, momentum: 0.9}\n',
  );
  const kept = await readTrainRequest({ config }, [set('epochs', 2), set('optimizer.weightDecay', 0.5)]);
  expect(kept.config).toMatchObject({
    data: 'a.jsonl',
    method: 'lora',
    methodOptions: { r: 4 },
    epochs: 2,
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 0.5 },
  });
  const other = await readTrainRequest({ config }, [set('method', 'ia3'), set('optimizer.name', 'adamw')]);
  expect(other.config).toMatchObject({ method: 'ia3', methodOptions: {}, optimizer: { name: 'adamw' } });
});

it('defaults apply without a file', async () => {
  const defaults = { method: 'lora', epochs: 7 };
  const { config, model } = await readTrainRequest({ defaults }, [set('data', 'a.jsonl')]);
  expect(config).toMatchObject({ method: 'lora', epochs: 7 });
  expect(model).toBe('promptune-mini');
});

it('problems have a line if they come from the file, and none if from a setting', async () => {
  const config = await file('data: a.jsonl\noptimizer:\n  name: adamw\n  weightDecay: -1\nepocs: 3\n');
  expect(await problemsOf({ config }, [set('batchSize', 0)])).toEqual([
    {
      path: ['optimizer', 'weightDecay'],
      message: 'expected number to be >=0, got -1',
      file: config,
      line: 4,
    },
    { path: ['batchSize'], message: 'expected number to be >0, got 0' },
    { path: ['epocs'], message: 'the key is unknown; did you mean "epochs"?', file: config, line: 5 },
  ]);
});

it('an invalid setting is not blamed on the file that it overrides', async () => {
  const config = await file('data: a.jsonl\nepochs: 3\n');
  expect(await problemsOf({ config }, [set('epochs', -1)])).toEqual([
    { path: ['epochs'], message: 'expected number to be >0, got -1' },
  ]);
});

it('names missing options', async () => {
  expect(await problemsOf({})).toMatchObject([{ path: ['data'] }]);
  expect(await problemsOf({ resume: true })).toMatchObject([{ path: ['output'] }]);
  expect(await problemsOf({ resume: true }, [set('output', folder)])).toMatchObject([{ path: ['resume'] }]);
  expect(await problemsOf({ preset: 'translate' })).toMatchObject([{ path: ['preset'] }]);
});

it('resumes a run of an earlier version, whose keys had other names', async () => {
  const run = join(folder, 'earlier');
  await mkdir(run);
  await writeFile(join(run, 'config.yaml'), 'data: a.jsonl\nverbaliser: {good: positive, bad: negative}\n');
  const { config } = await readTrainRequest({ resume: true }, [set('output', run)]);
  expect(config.verbalizer).toEqual({ good: 'positive', bad: 'negative' });
});

it('reports that a run began with rows in memory, unless data is given', async () => {
  const run = join(folder, 'rows');
  await mkdir(run);
  await writeFile(join(run, 'config.yaml'), 'data: {rows: 3, sha256: abc}\n');
  expect(await problemsOf({ resume: true }, [set('output', run)])).toEqual([
    {
      path: ['data'],
      message: expect.stringMatching(/^the run started with rows in memory/),
      file: join(run, 'config.yaml'),
      line: 1,
    },
  ]);
  const { config } = await readTrainRequest({ resume: true }, [set('output', run), set('data', 'a.jsonl')]);
  expect(config.data).toBe('a.jsonl');
});
