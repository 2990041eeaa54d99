/** @file Every method on the command line: `train` learns it by its name, and `inspect` shows what was learned. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SingleContent, singlesIn } from '../../src/formats/adapter-content.js';
import { readAdapter } from '../../src/formats/adapter-folder.js';
import { methods } from '../../src/index.js';
import { jsonLines, runShared } from '../support/cli.js';
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
  const cwd = join(root, method);
  await mkdir(cwd);
  const task = method === 'head-alone' ? ['--task-type', 'sequence-classification'] : [];
  const examples = method === 'cpt' ? ['--examples-file', '../few.jsonl'] : [];
  const data = ['--model', '../model', '--data', '../pairs.jsonl', '--output', 'run', '--max-steps', '1'];
  const trained = await runShared(['train', '--method', method, ...task, ...examples, ...data], { cwd });
  expect(trained, trained.stderr).toMatchObject({ code: 0 });

  const [{ config, tensors }] = singlesIn(await readAdapter(join(cwd, 'run/adapter'))) as [SingleContent];
  const { stdout, stderr, code } = await runShared(['inspect', 'run', '--json'], { cwd });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const [shown] = jsonLines(stdout);
  expect(shown!.config).toEqual(config);
  expect(shown!.tensors).toEqual(
    [...tensors].map(([name, { shape, data }]) => ({ name, shape, parameters: data.length })),
  );
});
