/** @file A model with an encoder on the command line: trained, measured, looked at and used, and what it is not for. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTextGenerator, fromPretrained, loadAdapter } from '../../src/index.js';
import { jsonLines, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { createTinyT5 } from '../support/tiny-t5.js';

let cwd: string;
beforeAll(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'promptune-test-')));
  await createTinyT5(join(cwd, 'model'));
  const records = [
    { prompt: 'say: cat', completion: 'a cat' },
    { prompt: 'say: dog!', completion: 'the dog' },
  ];
  await writeFile(join(cwd, 'pairs.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const model = ['--model', 'model'];
const data = ['--data', 'pairs.jsonl'];
const learned = ['--adapter', 'run'];

it('train, eval, inspect and generate', async () => {
  const method = ['--method', 'lora+prompt-tuning', '--num-virtual-tokens', '4', '--lora-alpha', '800'];
  const layers = ['--target-modules', 'all-linear'];
  const steps = ['--learning-rate', '0.1', '--max-steps', '120', '--batch-size', '2'];
  const validation = ['--validation', 'pairs.jsonl', '--eval-every', '30', '--output', 'run', '--json'];
  const events = jsonLines(
    await succeed(['train', ...model, ...data, ...method, ...layers, ...steps, ...validation], { cwd }),
  );
  expect(events[0]).toMatchObject({ type: 'start', trainableParameters: 4 * 32 + 24 * 8 * 64 + 8 * 8 * 96 });
  const last = events.findLast(({ type }) => type === 'validation')!;
  expect(last.loss).toBeLessThan(1);

  const [evaluated] = jsonLines(await succeed(['eval', ...model, ...learned, ...data, '--json'], { cwd }));
  // "a cat" and "the dog" are five tokens and the end each.
  expect(evaluated).toMatchObject({ examples: 2, labelTokens: 12, adapter: { labelTokens: 12 } });
  expect(evaluated!.adapter.loss).toBeCloseTo(last.loss, 4);
  expect(evaluated!.model.loss).toBeGreaterThan(3);

  const inspected = await succeed(['inspect', 'run/adapter/prompt-tuning', ...model], { cwd });
  expect(inspected).toContain('prompt_embeddings [4, 32]');
  expect(inspected).toContain('task_type: "SEQ_2_SEQ_LM"');
  expect(inspected).toContain('  3  length ');

  // The answers stand alone, without what was given.
  const generate = ['generate', ...model, ...learned];
  const prompts = ['--prompt', 'say: cat', '--prompt', 'say: dog!'];
  expect(await succeed([...generate, '--prompt', 'say: dog!'], { cwd })).toBe('the dog\n');
  expect(await succeed([...generate, ...prompts, '--num-beams', '3'], { cwd })).toBe('a cat\n\nthe dog\n\n');

  const sampling = ['--temperature', '2', '--seed', '5', '--max-new-tokens', '6', '--json'];
  const sampled = jsonLines(await succeed([...generate, ...prompts, ...sampling], { cwd }));
  const pretrained = await fromPretrained(join(cwd, 'model'));
  const adapter = await loadAdapter(join(cwd, 'run/adapter'), pretrained.model);
  const generator = createTextGenerator({ ...pretrained, adapter });
  const options = { temperature: 2, seed: 5, maxNewTokens: 6 };
  const rows = await generator.generate(['say: cat', 'say: dog!'], options);
  await generator.dispose();
  expect(sampled.map(({ ids }) => ids)).toEqual(rows.map(({ ids }) => ids));
}, 120_000);

it('names options that do not suit an encoder', async () => {
  const train = ['train', ...model, ...data, '--output', 'other'];
  const reason = (what: string) =>
    `${what} is not supported for model: it is a t5 model, whose encoder reads the input, while its decoder ` +
    'writes the output; use a decoder-only model (gpt2, llama, …)';
  await refused(
    cwd,
    [...train, '--method', 'cartridge'],
    2,
    'cartridge does not support model, a t5 model with an encoder: a cartridge is the cache of a text in a decoder, but here ' +
      'the encoder reads the texts; use one that does, such as prompt-tuning or lora',
  );
  await refused(cwd, [...train, '--train-on', 'all'], 2, reason('training on prompts (trainOn)'));
}, 60_000);

it('soft tokens in several places of what the encoder reads', async () => {
  const template = ['--template', '{soft:2}{prompt}{soft:2}'];
  const steps = ['--learning-rate', '0.3', '--max-steps', '40', '--batch-size', '2', '--eval-every', '20'];
  const output = ['--validation', 'pairs.jsonl', '--output', 'placed', '--json'];
  const events = jsonLines(
    await succeed(['train', ...model, ...data, ...template, ...steps, ...output], { cwd }),
  );
  expect(events[0]).toMatchObject({ type: 'start', trainableParameters: 4 * 32 });
  const losses = events.filter(({ type }) => type === 'validation').map(({ loss }) => loss);
  const evaluate = ['eval', ...model, '--adapter', 'placed', ...data, '--json'];
  const [evaluated] = jsonLines(await succeed(evaluate, { cwd }));
  // No token is cut off or added: "a cat" and "the dog" are five tokens and the end each.
  expect(evaluated).toMatchObject({ labelTokens: 12 });
  expect(evaluated!.adapter.loss).toBeCloseTo(Math.min(...losses), 4);
  expect(evaluated!.adapter.loss).toBeLessThan(evaluated!.model.loss - 0.3);
  const prompt = ['--prompt', 'say: cat', '--max-new-tokens', '4'];
  expect(await succeed(['generate', ...model, '--adapter', 'placed', ...prompt], { cwd })).toMatch(/./);
});
