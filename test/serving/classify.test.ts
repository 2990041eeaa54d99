/** @file Adapters that label behind the API, with heads or by words, beside the texts that others generate. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHead } from '../../src/attach/head.js';
import { learnerWithHead } from '../../src/attach/head-files.js';
import type { Adapter } from '../../src/attach/method.js';
import { withUsage } from '../../src/attach/with-usage.js';
import { type Classification, createClassifier } from '../../src/evaluation/classifier.js';
import type { HeadTaskType, LanguageModel } from '../../src/models/model.js';
import { createPromptClassifier } from '../../src/prompting/prompt-classifier.js';
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

/** What promptune.json notes of an adapter that was trained to write the words of labels. */
const byWords = {
  reading: {
    template: '{premise} so {claim}?',
    completionTemplate: ' {label}',
    verbalizer: { right: 'yes', wrong: ['no', 'not at all'] },
  },
};
let words: Adapter;

beforeAll(async () => {
  model = await loadTinyGpt2();
  adapter = await withHead('sequence-classification');
  const soft = await learned(model, 'prompt-tuning', { numVirtualTokens: 3 });
  words = withUsage(await learned(model, 'lora', { r: 2 }, 4), byWords);
  const adapters = { mood: adapter, words, soft };
  engine = await createEngine({ model, tokenizer: characterTokenizer, adapters });
  app = createApp({ engine });
});
afterAll(() => engine.dispose());

async function post(path: string, body: object): Promise<{ status: number; body: Json }> {
  const headers = { 'content-type': 'application/json' };
  const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Json };
}
async function get(path: string): Promise<{ body: Json }> {
  return { body: (await (await app.request(path)).json()) as Json };
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

describe('an adapter that notes the words of each label', () => {
  const pairs = [
    { premise: 'it rains', claim: 'it is wet' },
    { premise: 'the sun', claim: 'no' },
  ];

  it('labels by them, as the library does, however many ask at once', async () => {
    await using classifier = createPromptClassifier({ model, tokenizer: characterTokenizer, adapter: words });
    const expected = await classifier.classify(pairs);
    expect(expected[0]!.probabilities[10]).not.toBeCloseTo(expected[1]!.probabilities.right!, 3);
    const asked = [{ input: pairs }, { input: pairs[1] }, { input: [pairs[0]] }];
    const answers = await Promise.all(asked.map((body) => post('/v1/classify', { model: 'words', ...body })));
    const shares = ({ probabilities }: Classification) => [probabilities.right!, probabilities.wrong!];
    const [first, second] = expected.map(shares);
    for (const [i, ofAnswer] of [[first, second], [second], [first]].entries()) {
      expect(answers[i]!.status).toBe(200);
      for (const [row, probs] of ofAnswer.entries())
        for (const [label, share] of probs!.entries())
          expect(answers[i]!.body.data[row].probs[label]).toBeCloseTo(share, 5);
    }
    expect(answers[0]!.body.data[0].label).toBe(expected[0]!.label);
    expect(answers[1]!.body.usage.prompt_tokens).toBe('the sunno'.length);
  });

  it('shows its labels in the list, and generates too', async () => {
    const { body } = await get('/v1/models/words');
    expect(body).toMatchObject({ id: 'words', method: 'lora', labels: ['right', 'wrong'] });
    const written = await post('/v1/completions', { model: 'words', prompt: 'a', max_tokens: 2 });
    expect(written.status).toBe(200);
  });

  it('says which fields its template takes', async () => {
    const { status, body } = await post('/v1/classify', { model: 'words', input: 'it rains' });
    expect(status).toBe(400);
    expect(body.error.message).toContain('claim');
  });
});

it('labels by the words that a whole model notes', async () => {
  const verbalizer = { reading: { verbalizer: { good: 'yes', bad: 'no' } } };
  const trained = { ...model, source: { ...model.source, usage: verbalizer } };
  await using own = await createEngine({ model: trained, tokenizer: characterTokenizer });
  await using classifier = createPromptClassifier({ model: trained, tokenizer: characterTokenizer });
  const { labels: names, results } = await own.classify({ model: own.models.keys().next().value!, texts });
  expect(names).toEqual(['good', 'bad']);
  expect(results).toEqual(await classifier.classify(texts));
});

it('is a model of the list, with its labels, and generates nothing', async () => {
  const list = (await get('/v1/models')).body;
  expect(list.data[1]).toMatchObject({ id: 'mood', parent: 'tiny-gpt2', method: 'lora', labels });
  const { status, body } = await post('/v1/completions', { model: 'mood', prompt: 'a' });
  expect([status, body.error.message]).toEqual([
    400,
    'mood labels texts, and generates none; send them to /v1/classify',
  ]);
});

it.each([
  [
    { model: 'soft', input: 'a' },
    400,
    'soft has no labels for texts: neither a head nor words of labels; generate with it',
  ],
  [{ model: 'other', input: 'a' }, 404, 'the model "other" does not exist'],
  [{ model: 'mood', input: [] }, 400, 'input: expected a text or its fields, or a list of at most 128'],
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
