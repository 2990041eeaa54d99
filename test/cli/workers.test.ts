/** @file `--workers`: several processes give the bytes of one, through the commands that users type. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLines, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
const data = ['--model', 'model', '--data', 'rows.jsonl'];
const training = ['train', ...data, '--method', 'prompt-tuning', '--num-virtual-tokens', '3'];
const steps = ['--learning-rate', '0.1', '--max-steps', '3', '--batch-size', '2', '--threads', '1'];
beforeAll(async () => {
  cwd = await workplace();
  const rows = Array.from({ length: 12 }, (_, i) => ({
    prompt: 'abc'.repeat(1 + (i % 4)),
    completion: ` ${i}`,
  }));
  await writeFile(join(cwd, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

it('train divides the batches of a step, eval and generate the rows of a file', async () => {
  const both = async (run: (workers: readonly string[], name: string) => Promise<unknown>) => {
    await Promise.all([run([], 'one'), run(['--workers', '2'], 'two')]);
  };
  const accumulation = ['--gradient-accumulation-steps', '3'];
  await both((workers, name) =>
    succeed([...training, ...steps, ...accumulation, ...workers, '--output', name], { cwd }),
  );
  const tensors = (name: string) => readFile(join(cwd, name, 'adapter/adapter_model.safetensors'), 'latin1');
  expect(await tensors('two')).toBe(await tensors('one'));

  const adapter = ['--adapter', 'one', '--threads', '1'];
  const evaluated: Record<string, unknown> = {};
  await both(async (workers, name) => {
    evaluated[name] = jsonLines(await succeed(['eval', ...data, ...adapter, ...workers, '--json'], { cwd }));
  });
  expect(evaluated.two).toEqual(evaluated.one);

  const generating = [
    'generate',
    ...data,
    ...adapter,
    '--batch-size',
    '3',
    '--max-new-tokens',
    '4',
    '--top-k',
    '5',
  ];
  await both((workers, name) => succeed([...generating, ...workers, '--output', `${name}.jsonl`], { cwd }));
  const written = await readFile(join(cwd, 'two.jsonl'), 'utf8');
  expect(written).toBe(await readFile(join(cwd, 'one.jsonl'), 'utf8'));
  expect(jsonLines(written).map(({ row }) => row)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
});

it('a step of one batch cannot be divided, and flags of files need a file', async () => {
  await refused(
    cwd,
    [...training, ...steps, '--workers', '2', '--output', 'x'],
    2,
    /^--gradient-accumulation-steps: several workers share the batches of a step, which has one; set at least 2/,
  );
  await refused(cwd, ['generate', '--model', 'model', '--workers', '2'], 2, '--workers requires --data');
});
