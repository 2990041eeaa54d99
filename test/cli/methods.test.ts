/** @file Every method on the command line: a run that is stopped and resumed gives the same bytes, and `inspect` shows it. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAdapterFiles } from '../../src/formats/adapter.js';
import { methods } from '../../src/index.js';
import { runFolderBytes } from '../../src/training/folder-bytes.fixture.js';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

let root: string;
beforeAll(async () => {
  root = await workplace();
  const pairs = ['cat', 'dog', '猫', '狗'].map((prompt, i) => ({
    prompt,
    completion: ` ${prompt}s`,
    label: i % 2,
  }));
  await writeFile(join(root, 'pairs.jsonl'), pairs.map((pair) => JSON.stringify(pair)).join('\n'));
  await writeFile(join(root, 'few.jsonl'), JSON.stringify(pairs[0]));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const adapterMethods = methods
  .filter(({ load, loadAdapterHub }) => load ?? loadAdapterHub)
  .map(({ name }) => name);

it.each(adapterMethods)('%s', async (method) => {
  const [whole, stopped] = [join(root, `${method}-whole`), join(root, `${method}-stopped`)];
  for (const folder of [whole, stopped]) await mkdir(folder);
  const data = ['--model', '../model', '--data', '../pairs.jsonl', '--output', 'run', '--threads', '1'];
  const steps = (count: number) => ['--max-steps', String(count), '--save-every', '1'];
  const task = method === 'head-alone' ? ['--task-type', 'sequence-classification'] : [];
  const examples = method === 'cpt' ? ['--examples-file', '../few.jsonl'] : [];
  const train = [
    'train',
    '--method',
    method,
    ...task,
    ...examples,
    ...data,
    '--batch-size',
    '2',
    '--schedule',
    'constant',
  ];
  await succeed([...train, ...steps(3)], { cwd: whole });
  await succeed([...train, ...steps(2)], { cwd: stopped });
  await succeed(['train', '--resume', '--output', 'run', ...steps(3)], { cwd: stopped });
  expect(await runFolderBytes(join(stopped, 'run'))).toEqual(await runFolderBytes(join(whole, 'run')));

  const { config, tensors } = await readAdapterFiles(join(whole, 'run/adapter'));
  const { stdout, stderr, code } = await runCli(['inspect', 'run', '--json'], { cwd: whole });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const [shown] = jsonLines(stdout);
  expect(shown!.config).toEqual(config.raw);
  expect(shown!.tensors).toEqual(
    [...tensors].map(([name, { shape, data }]) => ({ name, shape, parameters: data.length })),
  );
});
