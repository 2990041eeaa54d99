/** @file `promptune merge`: a whole model of a model and what was learned for it. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readGgufHeader } from '../../src/formats/gguf.js';
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
    'there is no adapter; add --adapter with its folder',
  );
  await refused(
    cwd,
    [...merge, '--adapter', 'run'],
    2,
    'there is no folder for the model; add one, such as --output merged',
  );
});

it('writes GGUF files: a LoRA beside the model, and one in its weights', async () => {
  const train = ['train', '--model', 'model', '--data', 'pairs.jsonl', '--method', 'lora', '--learning-rate'];
  await succeed([...train, '0.05', '--max-steps', '4', '--output', 'plain'], { cwd });
  const { adapter, model } = await evaluate('--model', 'model', '--adapter', 'plain');

  const merge = ['merge', '--model', 'model', '--adapter', 'plain', '--dtype', 'float32', '--output'];
  expect(await succeed([...merge, 'merged.gguf'], { cwd })).toBe('merged.gguf: model with lora\n');
  expect((await evaluate('--model', 'merged.gguf')).model.loss).toBeCloseTo(adapter.loss, 5);
  const half = [
    'merge',
    '--model',
    'model',
    '--adapter',
    'plain',
    '--dtype',
    'bfloat16',
    '--output',
    'x.gguf',
  ];
  await refused(
    cwd,
    half,
    2,
    '--dtype bfloat16 is not possible for x.gguf; use one of float32, float16, q8_0, q4_1',
  );

  const exported = ['export', '--model', 'model', '--as', 'gguf', '--output'];
  await succeed([...exported, 'base.gguf', '--dtype', 'float32'], { cwd });
  expect((await evaluate('--model', 'base.gguf')).model.loss).toBeCloseTo(model.loss, 6);
  expect(await succeed([...exported, 'lora.gguf', '--adapter', 'plain'], { cwd })).toBe(
    'lora.gguf: a LoRA, which llama.cpp loads with --lora\n',
  );
  const file = await readGgufHeader(join(cwd, 'lora.gguf'));
  expect(file.metadata.get('adapter.lora.alpha')).toBe(8);
  expect([...file.tensors.keys()].filter((name) => name.endsWith('.lora_a')).length).toBe(2);
  await refused(
    cwd,
    [...exported, 'other.gguf', '--adapter', 'run'],
    2,
    'DoRA scales rows of the changed weight; a plain LoRA cannot hold that',
  );
});
