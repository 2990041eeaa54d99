/** @file What a run says in the end of the labels of its validation rows: the accuracy that an evaluation finds. */
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  type ConfigTrainingOptions,
  createPromptClassifier,
  evaluate,
  type LanguageModel,
  loadModel,
  type Tokenizer,
  type TrainingEvent,
  trainFromConfig,
} from '../src/index.js';
import { characterTokenizer } from './serving/adapters.js';
import { loadTinyGpt2 } from './support/tiny-gpt2.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();
const tokenizer: Tokenizer = { ...characterTokenizer, eosTokenId: 95 };
let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const sentiments = ['bad', 'fun', 'so-so'];
const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    review: `It is ${'very '.repeat((first + i) % 4)}${String.fromCharCode(97 + ((first + 7 * i) % 26))}`,
    sentiment: sentiments[(i * i + first) % 3]!,
  }));
const data = rowsFrom(0, 12);
const validation = rowsFrom(5, 11);

async function trained(given: Partial<ConfigTrainingOptions>, parts = { model, tokenizer }) {
  const events: TrainingEvent[] = [];
  const { adapter } = await trainFromConfig({
    ...{ ...parts, data, validation, maxSteps: 8, batchSize: 4, learningRate: 0.3 },
    ...{ methodOptions: { numVirtualTokens: 2 }, scoreLabels: true, onEvent: (event) => events.push(event) },
    ...given,
  });
  return { adapter, event: events.find((event) => event.type === 'labels') };
}

it('is that of an evaluation, with the adapter and without', async () => {
  const { adapter, event } = await trained({});
  const options = { model, tokenizer, data: validation, labels: sentiments, metrics: ['accuracy'] };
  const own = await evaluate({ ...options, adapter });
  const untuned = await evaluate(options);
  expect(event).toEqual({
    type: 'labels',
    examples: 11,
    accuracy: own.scores.accuracy!.value,
    untuned: untuned.scores.accuracy!.value,
    majority: own.majority!.share,
  });
  expect(own.scores.accuracy!.value).not.toBe(untuned.scores.accuracy!.value);
});

it('needs no states of frozen layers that the run kept', async () => {
  const { adapter, event } = await trained({ method: 'late-prompt-tuning', epochs: 2, maxSteps: undefined });
  const options = { model, tokenizer, adapter, data: validation, labels: sentiments, metrics: ['accuracy'] };
  expect(event).toMatchObject({ accuracy: (await evaluate(options)).scores.accuracy!.value });
});

it('that cannot be scored is a warning, and the run is done', async () => {
  const events: TrainingEvent[] = [];
  const { adapter } = await trained({
    onEvent: (event) => events.push(event),
    onScoringProgress() {
      throw new Error('no room');
    },
  });
  expect(events.at(-1)).toEqual({
    type: 'warning',
    message: 'the labels of validation rows are not scored: no room',
  });
  expect(adapter.tensors.size).toBe(1);
});

it('is that of the words of labels, behind soft tokens in the template', async () => {
  const verbalizer = { bad: 'no', fun: 'yes', 'so-so': 'hm' };
  const reading = { template: '{soft:2}{review}?', verbalizer, labelField: 'sentiment', appendEos: false };
  const { adapter, event } = await trained({ ...reading });
  await using classifier = createPromptClassifier({ model, tokenizer, adapter, ...reading });
  const found = await classifier.classify(validation);
  const right = found.filter(({ label }, i) => label === validation[i]!.sentiment);
  expect(event).toMatchObject({ accuracy: right.length / 11 });
});

it('is that of words in masks', async () => {
  const bert = await loadModel(join(import.meta.dirname, 'golden/cases/bert-mlm__base/model'));
  const masked: Tokenizer = { ...characterTokenizer, maskTokenId: 95, eosTokenId: undefined };
  const verbalizer = { bad: 'b', fun: 'g', 'so-so': 's' };
  const reading = { template: '{{ review }} {{ mask() }}.', completionTemplate: '{sentiment}' };
  const words = { ...reading, verbalizer, labelField: 'sentiment', appendEos: false };
  const parts = { model: bert, tokenizer: masked };
  const { adapter, event } = await trained(words, parts);
  await using classifier = createPromptClassifier({ ...parts, adapter, ...words });
  const found = await classifier.classify(validation);
  const right = found.filter(({ label }, i) => label === validation[i]!.sentiment);
  expect(event).toMatchObject({ accuracy: right.length / 11 });
});

it('cuts prompts for longer labels than their own, as an evaluation does', async () => {
  const { adapter, event } = await trained({ maxLength: 16 });
  const options = { model, tokenizer, adapter, data: validation, labels: sentiments, metrics: ['accuracy'] };
  expect(event).toMatchObject({ accuracy: (await evaluate(options)).scores.accuracy!.value });
});

it('counts its rows, and a signal meanwhile leaves it out, while the run is done', async () => {
  const counted: { done: number; total: number }[] = [];
  const controller = new AbortController();
  const { adapter, event } = await trained({
    signal: controller.signal,
    onScoringProgress(progress) {
      counted.push(progress);
      controller.abort();
    },
  });
  expect(counted).toEqual([{ done: 2, total: 22 }]);
  expect(event).toBeUndefined();
  expect(adapter.tensors.size).toBe(1);
});

it.each([
  ['nobody asked', { scoreLabels: false }],
  ['there are no validation rows', { validation: 0 }],
  [
    'completions are texts',
    { data: data.map((row, i) => ({ ...row, sentiment: `about ${i}` })), validation: 4 },
  ],
  ['prompts are learned as well', { trainOn: 'all' as const }],
])('is not said where %s', async (_, given) => {
  expect((await trained(given)).event).toBeUndefined();
});
