/** @file `promptune pretrain` as a process: a tokenizer and a model of one's own, from texts alone. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fromPretrained } from '../../src/index.js';
import { type Json, jsonLines, runCli, succeed } from '../support/cli.js';
import { snapshot } from '../support/files.js';
import { readEverything } from '../support/run-folder.js';
import { workplace } from '../support/workplace.js';

const model = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const sizes = [
  '--hidden-size',
  '32',
  '--num-layers',
  '1',
  '--num-attention-heads',
  '2',
  '--max-positions',
  '32',
];
const steps = ['--max-steps', '60', '--learning-rate', '0.01', '--batch-size', '4', '--threads', '1'];
const pretrain = [
  ...['pretrain', '--data', 'animals.txt', '--data', '猫.jsonl', '--vocab-size', '280', ...sizes, ...steps],
  ...['--validation', '2', '--eval-every', '20', '--output', 'run'],
];

let cwd: string;
let events: Json[];
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(join(cwd, 'animals.txt'), 'the cow moos.\na dog barks.\n'.repeat(10));
  await writeFile(join(cwd, '猫.jsonl'), `${JSON.stringify({ text: '一只可爱的猫🐱。' })}\n`.repeat(10));
  events = jsonLines(await succeed([...pretrain, '--json'], { cwd }));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

it('learns a tokenizer and all weights, and tells how the loss falls', async () => {
  const vocabulary = 280 * 32;
  const layer = 4 * 32 + (32 * 96 + 96) + (32 * 32 + 32) + (32 * 128 + 128) + (128 * 32 + 32);
  expect(events[0]).toMatchObject({
    type: 'start',
    model: 'run/start',
    method: 'full-fine-tuning',
    trainableParameters: vocabulary + 32 * 32 + layer + 2 * 32,
    validationExamples: 1,
    totalSteps: 60,
  });
  const validations = events.filter(({ type }) => type === 'validation');
  expect(validations.map(({ step }) => step)).toEqual([20, 40, 60]);
  expect(events.find(({ type }) => type === 'step')!.loss).toBeCloseTo(Math.log(280), 0); // it knows nothing yet
  expect(validations[2]!.loss).toBeLessThan(validations[0]!.loss / 2);
  expect(events.at(-1)).toMatchObject({ type: 'end', step: 60, best: { step: 60 }, adapter: 'run/adapter' });
});

it('leaves a whole model that writes what it read', async () => {
  const files = await readEverything(join(cwd, 'run'));
  expect(files.filter((path) => !path.startsWith('checkpoints/'))).toEqual([
    ...[...model, 'promptune.json'].sort().map((name) => `adapter/${name}`),
    ...['config.yaml', 'inputs.json', 'metrics.jsonl'],
    ...model.map((name) => `start/${name}`),
  ]);
  const config = JSON.parse(await readFile(join(cwd, 'run/adapter/config.json'), 'utf8'));
  expect(config).toMatchObject({ vocab_size: 280, n_embd: 32, n_layer: 1, n_head: 2, n_positions: 32 });
  expect(parse(await readFile(join(cwd, 'run/config.yaml'), 'utf8'))).toMatchObject({
    model: 'run/start',
    data: ['animals.txt', '猫.jsonl'],
    packing: true,
    trainOn: 'all',
    optimizer: { name: 'adamw', beta2: 0.95, weightDecay: 0.05 },
    schedule: { name: 'cosine', warmupRatio: 0.02 },
  });
  const { tokenizer } = await fromPretrained(join(cwd, 'run/adapter'));
  expect(tokenizer.vocabSize).toBe(280);
  expect(tokenizer.encode('一只可爱的猫🐱。the cow').length).toBeLessThan(20); // 33 bytes

  const written = await succeed(
    ['generate', '--model', 'run/adapter', '--prompt', 'the', '--prompt', '一只可', '--threads', '1'],
    { cwd },
  );
  expect(written).toBe('the cow moos.\n\n一只可爱的猫🐱。\n\n');
});

it('uses an existing tokenizer', async () => {
  const flags = ['--tokenizer', 'model', ...sizes, '--max-steps', '1', '--output', 'given', '--json'];
  const [start] = jsonLines(await succeed(['pretrain', '--data', 'animals.txt', ...flags], { cwd }));
  expect(start).toMatchObject({ type: 'start', totalSteps: 1 });
  const tokenizer = (folder: string) =>
    readFile(join(cwd, folder, 'tokenizer.json'), 'utf8').then(JSON.parse);
  expect(await tokenizer('given/adapter')).toEqual(await tokenizer('model'));
});

it('--overwrite leaves a run as it is until the new model is there', async () => {
  const before = await snapshot(join(cwd, 'run'));
  const { stderr, code } = await runCli([...pretrain, '--overwrite', '--num-attention-heads', '3'], { cwd });
  expect(code).toBe(2);
  expect(stderr).toContain('hiddenSize 32 is not divisible by 3 heads');
  expect(await snapshot(join(cwd, 'run'))).toEqual(before);
});

it('an overwritten run is gone as a whole: nothing of it is resumed with a model that it did not begin with', async () => {
  const again = [...pretrain, '--overwrite', '--vocab-size', '270', '--validation', 'nowhere.txt'];
  const { stderr, code } = await runCli(again, { cwd });
  expect({ stderr, code }).toEqual({
    stderr: 'promptune: nowhere.txt: it cannot be read: there is no such file; check the path\n',
    code: 1,
  });
  expect(await snapshot(join(cwd, 'run'))).toEqual([]);
  expect((await runCli(['pretrain', '--resume', '--output', 'run'], { cwd })).code).toBe(2);
});

it('states its own defaults in its help, and those of `promptune train` stay there', async () => {
  const defaults = async (command: string) => {
    const help = (await succeed([command, '--help'], { cwd })).replace(/\n {10,}/g, ' ');
    const flags = ['batch-size', 'learning-rate', 'beta2', 'weight-decay', 'schedule', 'warmup-ratio'];
    return flags.map((flag) => new RegExp(`^ {2}--${flag} .*\\(default: ([^ ;)]+)`, 'm').exec(help)![1]);
  };
  expect(await defaults('pretrain')).toEqual(['16', '0.001', '0.95', '0.05', 'cosine', '0.02']);
  expect(await defaults('train')).toEqual(['8', '0.01', '0.999', '0.01', 'linear', 'by']);
});
