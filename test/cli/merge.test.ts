/** @file `promptune merge`: a whole model of a model and what was learned for it. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLines, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  const pairs = ['cat', 'dog', 'fish'].map((prompt) => ({ prompt, completion: ` ${prompt}s` }));
  await writeFile(join(cwd, 'pairs.jsonl'), pairs.map((pair) => JSON.stringify(pair)).join('\n'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const evaluate = async (...options: string[]) => {
  const stdout = await succeed(['eval', '--data', 'pairs.jsonl', '--json', ...options], { cwd });
  return jsonLines(stdout)[0] as Record<'adapter' | 'model', { loss: number }>;
};

it('writes a model that has the loss of model and adapter, and replaces nothing', async () => {
  const train = ['train', '--model', 'model', '--data', 'pairs.jsonl', '--method', 'lora', '--use-dora'];
  await succeed([...train, '--learning-rate', '0.05', '--max-steps', '4', '--output', 'run'], { cwd });
  const merge = ['merge', '--model', 'model', '--adapter', 'run', '--output', 'merged'];
  const stdout = await succeed(merge, { cwd });
  expect(stdout).toBe('merged: model with lora in 2 of its 28 tensors\n');
  const { adapter, model } = await evaluate('--model', 'model', '--adapter', 'run');
  expect(Math.abs(adapter.loss - model.loss)).toBeGreaterThan(0.01);
  expect((await evaluate('--model', 'merged')).model.loss).toBeCloseTo(adapter.loss, 5);
  await refused(cwd, merge, 1, 'merged: it exists already; choose another folder, or remove this one');
});

it('asks for the folders', async () => {
  const merge = ['merge', '--model', 'model'];
  await refused(
    cwd,
    [...merge, '--output', 'other'],
    2,
    'no adapter is given; add --adapter with its folder',
  );
  await refused(cwd, [...merge, '--adapter', 'run'], 2, 'no folder for the model is given; add --output');
});
