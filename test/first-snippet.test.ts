/**
 * @file The first lines that anybody writes: rows in memory, the embedded model, a conversation, the adapter's files.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTextGenerator, fromPretrained, loadAdapter, trainAdapter } from '../src/index.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const questions = ['Do you like the', 'Have you seen the', 'Where is the', 'Who has the', 'What about the'];
const animals = [
  'cat',
  'dog',
  'cow',
  'fox',
  'bird',
  'fish',
  'duck',
  'horse',
  'rabbit',
  'mouse',
  'sheep',
  'pig',
];
const rows = questions.flatMap((question) =>
  animals.map((animal) => ({
    messages: [
      { role: 'user', content: `${question} ${animal}?` },
      { role: 'assistant', content: 'I like cats.' },
    ],
  })),
);

it('learns, answers a conversation, ends the answer, and saves', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-first-'));

  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const { adapter } = await trainAdapter({
    model,
    tokenizer,
    data: rows,
    methodOptions: { numVirtualTokens: 20 },
  });
  await using generator = createTextGenerator({ model, tokenizer, adapter });
  const messages = [{ role: 'user', content: 'Do you like the panda?' }];
  const [{ text, finishReason }] = await generator.generate([{ messages }]);
  await adapter.save(join(folder, 'cats'));
  const files = await adapter.files();

  expect({ text, finishReason }).toEqual({ text: ' I like cats.', finishReason: 'eos' });
  expect([...files.keys()].sort()).toEqual([
    'README.md',
    'adapter_config.json',
    'adapter_model.safetensors',
    'promptune.json',
  ]);
  for (const [name, bytes] of files)
    expect(new Uint8Array(await readFile(join(folder, 'cats', name)))).toEqual(bytes);
  const loaded = await loadAdapter(join(folder, 'cats'), model);
  await using again = createTextGenerator({ model, tokenizer, adapter: loaded });
  expect((await again.generate({ messages })).text).toBe(text);
  await rm(folder, { recursive: true });
});
