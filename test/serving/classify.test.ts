/** @file Adapters with heads behind the API: labels beside the texts that others generate. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHead } from '../../src/attach/head.js';
import { learnerWithHead } from '../../src/attach/head-files.js';
import type { Adapter } from '../../src/attach/method.js';
import { createClassifier } from '../../src/evaluation/classifier.js';
import type { HeadTaskType, LanguageModel } from '../../src/models/model.js';
import { engineConnection } from '../../src/runtime/engine-connection.js';
import { createApp } from '../../src/serving/http/app.js';
import { createEngine, type Engine } from '../../src/serving/index.js';
import type { Json } from '../support/cli.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { characterTokenizer, learned } from './adapters.js';

useWarmRuntime();

let model: LanguageModel;
let engine: Engine;
let app: ReturnType<typeof createApp>;
let adapter: Adapter;
const labels = ['10', '2', 'so-so']; // objects would have 2 before 10
const withHead = async (taskType: HeadTaskType, seed = 3) =>
  learnerWithHead(await learned(model, 'lora', { r: 2 }, seed), createHead(model, taskType, labels, seed));

beforeAll(async () => {
  model = await loadTinyGpt2();
  adapter = await withHead('sequence-classification');
  const soft = await learned(model, 'prompt-tuning', { numVirtualTokens: 3 });
  engine = await createEngine({ model, tokenizer: characterTokenizer, adapters: { mood: adapter, soft } });
  app = createApp({ engine });
});
afterAll(() => engine.dispose());

async function post(path: string, body: object): Promise<{ status: number; body: Json }> {
  const headers = { 'content-type': 'application/json' };
  const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Json };
}
const texts = ['a cute cat', 'no', 'what is that'];

async function expectLabels(path: string): Promise<void> {
  await using classifier = createClassifier({ model, tokenizer: characterTokenizer, adapter });
  const expected = await classifier.classify(texts);
  const { status, body } = await post(path, { model: 'mood', input: texts });
  expect({ status, model: body.model, usage: body.usage }).toEqual({
    ...{ status: 200, model: 'mood' },
    usage: { prompt_tokens: 24, total_tokens: 24, completion_tokens: 0 },
  });
  for (const [index, { label, probabilities }] of expected.entries()) {
    expect(body.data[index]).toMatchObject({ index, label, num_classes: 3 });
    for (const [i, name] of labels.entries())
      expect(body.data[index].probs[i]).toBeCloseTo(probabilities[name]!, 5);
  }
}

it('labels texts as the library does, also after its thread has died', async () => {
  await expectLabels('/v1/classify');
  const { port } = engineConnection() as unknown as { port: { terminate(): Promise<void> } };
  await port.terminate();
  expect((await post('/classify', { model: 'mood', input: 'no' })).status).toBe(503);
  await expectLabels('/classify');
});

it('is a model of the list, with its labels, and generates nothing', async () => {
  const list = (await (await app.request('/v1/models')).json()) as Json;
  expect(list.data[1]).toMatchObject({ id: 'mood', parent: 'tiny-gpt2', method: 'lora', labels });
  const { status, body } = await post('/v1/completions', { model: 'mood', prompt: 'a' });
  expect([status, body.error.message]).toEqual([
    400,
    'mood labels texts, and generates none; send them to /v1/classify',
  ]);
});

it.each([
  [{ model: 'soft', input: 'a' }, 400, 'soft has no head to label texts with; generate with it'],
  [{ model: 'other', input: 'a' }, 404, 'the model "other" does not exist'],
  [{ model: 'mood', input: [] }, 400, 'input: expected a text, or a list of at most 128'],
])('refuses %j', async (body, status, message) => {
  const answer = await post('/v1/classify', body);
  expect([answer.status, answer.body.error.message]).toEqual([status, message]);
});

it('opens few sessions, each once for the same content, and closes those that were used least recently', async () => {
  const heads = Object.fromEntries(
    await Promise.all(
      [1, 2, 3, 4].map(async (seed) => [`head${seed}`, await withHead('sequence-classification', seed)]),
    ),
  ) as Record<string, Adapter>;
  const adapters = { ...heads, same: heads.head1! };
  await using many = await createEngine({
    model,
    tokenizer: characterTokenizer,
    adapters,
    maxClassifiers: 2,
  });
  const ask = async (id: string) => (await many.classify({ model: id, texts })).results;
  let most = 0;
  const counted = async (id: string) => {
    const results = await ask(id);
    most = Math.max(most, many.stats().openClassifiers);
    return results;
  };
  const ids = Object.keys(adapters);
  const [first, ...others] = await Promise.all([...ids, ...ids.toReversed()].map(counted));
  expect(most).toBe(2);
  expect(others.at(-1)).toEqual(first);
  expect(others.at(ids.length - 2)).toEqual(first); // `same` is `head1`
  expect(others[0]).not.toEqual(first);
  expect(await many.unload('head1')).toBe(true);
  expect(await ask('same')).toEqual(first);
  for (const id of ids.slice(1)) await many.unload(id);
  expect(many.stats().openClassifiers).toBe(0);
});

it('refuses other heads when they are loaded', async () => {
  await expect(engine.load('tags', await withHead('token-classification'))).rejects.toThrow(
    'tags cannot be served: its head is for token-classification',
  );
  expect(await engine.unload('mood')).toBe(true);
  expect((await post('/v1/classify', { model: 'mood', input: 'a' })).status).toBe(404);
});
