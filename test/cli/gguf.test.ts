/** @file A GGUF file as `--model`: a soft prompt is trained over it, measured, and refused by another model's file. */
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'promptune-gguf-'));
  for (const name of ['gpt2-q8_0.gguf', 'llama-f16.gguf'])
    await copyFile(join(import.meta.dirname, '../gguf', name), join(cwd, name));
  const record = { prompt: 'ab', completion: 'cdefg' };
  await writeFile(join(cwd, 'data.jsonl'), `${JSON.stringify(record)}\n`.repeat(4));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

it.each(['gpt2-q8_0.gguf', 'llama-f16.gguf'])('%s learns a soft prompt', async (model) => {
  const data = ['--data', 'data.jsonl', '--model', model, '--threads', '1'];
  const method = ['--method', 'prompt-tuning', '--num-virtual-tokens', '4', '--learning-rate', '0.3'];
  const output = `run-${model}`;
  await succeed(
    ['train', ...data, ...method, '--max-steps', '20', '--save-every', '20', '--output', output],
    { cwd },
  );
  const { adapter, model: alone } = JSON.parse(
    await succeed(['eval', ...data, '--adapter', output, '--json'], { cwd }),
  );
  expect(adapter.loss).toBeLessThan(0.85 * alone.loss);
  expect(await readdir(join(cwd, '.cache', 'promptune', 'gguf'))).not.toEqual([]);
});

it('is refused where it is cut off', async () => {
  await writeFile(join(cwd, 'cut.gguf'), 'GGUF');
  await refused(
    cwd,
    ['generate', '--model', 'cut.gguf', '--prompt', 'a'],
    1,
    /cut\.gguf \(header\): expected 4 bytes at /,
  );
});

it('becomes a folder for transformers with the same loss', async () => {
  const model = 'gpt2-q8_0.gguf';
  const lossOf = async (name: string) =>
    JSON.parse(await succeed(['eval', '--data', 'data.jsonl', '--model', name, '--json'], { cwd })).model
      .loss;
  await succeed(['export', '--model', model, '--as', 'huggingface', '--output', 'folder'], { cwd });
  expect((await readdir(join(cwd, 'folder'))).sort()).toEqual(
    expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']),
  );
  expect(await lossOf('folder')).toBeCloseTo(await lossOf(model), 6);
});
