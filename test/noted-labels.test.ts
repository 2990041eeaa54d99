/** @file Labels that a run finds in its data: the adapter knows them, and labels texts without being told. */
import { beforeAll, expect, it } from 'vitest';
import { createPromptClassifier, type LanguageModel, type Tokenizer, trainAdapter } from '../src/index.js';
import { characterTokenizer } from './serving/adapters.js';
import { loadTinyGpt2 } from './support/tiny-gpt2.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();
const tokenizer: Tokenizer = { ...characterTokenizer, eosTokenId: 95 };
let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const train = async (data: readonly Record<string, unknown>[], options: object = {}) =>
  (
    await trainAdapter({
      ...{ model, tokenizer, data, maxSteps: 1, batchSize: 2, methodOptions: { numVirtualTokens: 2 } },
      ...options,
    })
  ).adapter;

const reviews = ['fine', 'sad', 'so fine', 'so sad'];
const rows = reviews.map((review, i) => ({ review, sentiment: i % 2 === 0 ? 'good' : 'bad' }));

it('are those of the field that the layout takes for a label, in order', async () => {
  const adapter = await train(rows);
  expect(adapter.usage!.labels).toEqual({ field: 'sentiment', names: ['bad', 'good'] });
  await using classifier = createPromptClassifier({ model, tokenizer, adapter });
  const verbalizer = { bad: 'bad', good: 'good' };
  await using told = createPromptClassifier({
    model,
    tokenizer,
    adapter,
    verbalizer,
    labelField: 'sentiment',
  });
  expect(classifier.labels).toEqual(['bad', 'good']);
  expect(classifier.labelField).toBe('sentiment');
  expect(await classifier.classify(reviews)).toEqual(await told.classify(reviews));
});

it.each([
  ['occur once each', rows.map((row, i) => ({ ...row, sentiment: `about ${i}` })), {}],
  ['are all the same', rows.map((row) => ({ ...row, sentiment: 'good' })), {}],
  [
    'are completions by name',
    rows.map(({ review, sentiment }) => ({ prompt: review, completion: sentiment })),
    {},
  ],
  ['stand in a template of their own', rows, { completionTemplate: ' It is {sentiment}.' }],
])('are not noted where they %s', async (_, data, options) => {
  expect((await train(data, options)).usage!.labels).toBeUndefined();
});
