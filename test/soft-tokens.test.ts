/**
 * @file Soft tokens anywhere in the input: the same as real tokens in their place, in training, generation and files.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { composeAdapters } from '../src/attach/compose.js';
import type { Adapter, Learner } from '../src/attach/method.js';
import { placeLearner, placePrompt } from '../src/attach/placed-prompt.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { evaluateLoss } from '../src/evaluation/loss.js';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { loadModel } from '../src/loading/load-model.js';
import { createModelStep } from '../src/loss/model-step.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { trainAdapter } from '../src/runs/train-adapter.js';
import { openDataset } from '../src/text/dataset.js';
import type { Tokenizer } from '../src/text/tokenizer.js';

/** A GPT-2 of 2 layers, width 32, 4 heads and 96 tokens. */
const modelFolder = join(import.meta.dirname, 'golden/cases/gpt2__base/model');
const vocabSize = 96;
const tokenizer: Tokenizer = {
  vocabSize,
  eosTokenId: 0,
  encode: (text) => [...text].map((character) => character.charCodeAt(0) % vocabSize),
  decode: (ids) => Array.from(ids, (id) => String.fromCharCode(id + vocabSize)).join(''),
  tokenOf: (id) => String(id),
  idOf: () => undefined,
};

let model: LanguageModel;
let root: string;
beforeAll(async () => {
  model = await loadModel(modelFolder);
  root = await mkdtemp(join(tmpdir(), 'promptune-soft-'));
});
afterAll(() => rm(root, { recursive: true }));

const learn = (method: string, config: object): Promise<Learner> =>
  methodNamed(method).createLearner({ model, config, tokenizer, seed: 3 });
const placed = async (template: string, initText: string, method = 'prompt-tuning') =>
  placeLearner(await learn(method, { initText }), template, initText.length);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

const soft = (...numbers: number[]) => numbers.map((number) => vocabSize + number);
const logitsOf = async (text: readonly number[], adapter?: Adapter) =>
  (await computeLogits({ model, adapter, texts: [text] })).data;

it('a soft prompt from a text, between parts of the input, is that text there', async () => {
  const adapter = await placed('{soft:2}{text}{soft:1}', 'abc');
  const [a, b, c] = tokenizer.encode('abc');
  const withSoft = await logitsOf([...soft(0, 1), 7, 8, ...soft(2), 9], adapter);
  expect(largestDifference(withSoft, await logitsOf([a!, b!, 7, 8, c!, 9]))).toBeLessThan(1e-5);
});

it('a soft prompt at the beginning is the one that stands before the text', async () => {
  const before = await learn('prompt-tuning', { numVirtualTokens: 4 });
  const adapter = placeLearner(before, '{soft:4}{text}', 4);
  const logits = await logitsOf([...soft(0, 1, 2, 3), 5, 6], adapter);
  expect(largestDifference(logits.subarray(4 * vocabSize), await logitsOf([5, 6], before))).toBeLessThan(
    1e-5,
  );
});

it('has the gradient that differences of the loss give, in every place', async () => {
  const adapter = await placed('{soft:1}{text}{soft:2}', 'xyz');
  const inputIds = Int32Array.from([...soft(0), 5, 17, ...soft(1, 2), 33, 60]);
  const examples = [{ inputIds, lossMask: Uint8Array.from([0, 0, 0, 0, 0, 1, 1]) }];
  const step = await createModelStep(model, adapter);
  const { gradients } = await step.run(examples, 1);
  const tensor = adapter.tensors.get('prompt_embeddings')!;
  for (const at of [3, 40, 70]) {
    const lossAt = async (distance: number) => {
      const original = tensor.data[at]!;
      tensor.data[at] = original + distance;
      const { lossSum } = await step.evaluate(examples);
      tensor.data[at] = original;
      return lossSum;
    };
    const numeric = ((await lossAt(1e-2)) - (await lossAt(-1e-2))) / 2e-2;
    expect(gradients.get('prompt_embeddings')![at]).toBeCloseTo(numeric, 2);
  }
  await step.dispose();
});

it('trains, is saved and loaded with its template, and generates in it', async () => {
  const data = join(root, 'data.jsonl');
  const rows = ['pq', 'rs', 'tu'].map((question) => ({ question, hint: 'h', answer: 'ab' }));
  await writeFile(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const template = 'Q{soft:2}{question}{soft:3}{hint}';
  const { adapterPath } = await trainAdapter({
    model,
    tokenizer,
    data,
    template,
    completionTemplate: '{answer}',
    maxSteps: 8,
    learningRate: 0.1,
    output: join(root, 'run'),
  });
  const adapter = await loadAdapter(adapterPath, model);
  expect(adapter.placement).toEqual({ template, count: 5 });
  expect(adapter.tensors.get('prompt_embeddings')!.shape).toEqual([5, 32]);

  const dataset = await openDataset({
    data: rows,
    tokenizer,
    vocabSize,
    template,
    completionTemplate: '{answer}',
  });
  const learned = await evaluateLoss({ model, adapter, dataset });
  const plain = await evaluateLoss({ model, dataset });
  expect(learned.loss).toBeLessThan(plain.loss);
  const bare = await openDataset({
    data: rows,
    tokenizer,
    template: 'Q{question}{hint}',
    completionTemplate: '{answer}',
  });
  expect(plain.loss).toBeCloseTo((await evaluateLoss({ model, dataset: bare })).loss, 6);

  const generator = createTextGenerator({ model, tokenizer, adapter });
  const [row] = await generator.generate([{ text: { question: 'pq', hint: 'h' } }], { maxNewTokens: 4 });
  const ids = [
    ...tokenizer.encode('Q'),
    ...soft(0, 1),
    ...tokenizer.encode('pq'),
    ...soft(2, 3, 4),
    ...tokenizer.encode('h'),
  ];
  for (const [i, id] of row!.ids.entries()) {
    const logits = await computeLogits({ model, adapter, texts: [[...ids, ...row!.ids.slice(0, i)]] });
    const last = [...logits.data.slice(-vocabSize)];
    expect(id).toBe(last.indexOf(Math.max(...last)));
  }
  await expect(generator.generate(['pq'])).rejects.toThrow(
    'expected a prompt with the fields question, hint',
  );
  await generator.dispose();
});

it('stands in a template together with a LoRA, in one run and one folder', async () => {
  const data = join(root, 'both.jsonl');
  await writeFile(data, '{"text": "pq", "answer": "ab"}\n{"text": "rs", "answer": "cd"}\n');
  const { adapterPath } = await trainAdapter({
    model,
    tokenizer,
    data,
    template: '{text}{soft:2}',
    completionTemplate: '{answer}',
    method: 'prompt-tuning+lora',
    maxSteps: 4,
    learningRate: 0.05,
    output: join(root, 'both'),
  });
  const adapter = await loadAdapter(adapterPath, model);
  expect(adapter).toMatchObject({
    method: 'prompt-tuning+lora',
    numVirtualTokens: 0,
    placement: { template: '{text}{soft:2}', count: 2 },
  });
  const text = [...tokenizer.encode('pq'), ...soft(0, 1)];
  const prompt = await loadAdapter(join(adapterPath, 'prompt-tuning'), model);
  const alone = placePrompt(prompt, '{text}{soft:2}', 2);
  // The LoRA takes part: without it the logits differ.
  expect(largestDifference(await logitsOf(text, adapter), await logitsOf(text, alone))).toBeGreaterThan(1e-4);
  expect(() => composeAdapters([adapter, prompt])).toThrow('has soft tokens in the template');
});

it.each([
  ['prefix-tuning', { numVirtualTokens: 2 }, 'prefix-tuning has no soft tokens for a template'],
  ['instance-prompt', { numVirtualTokens: 2 }, 'instance-prompt has no soft tokens'],
  ['prompt-tuning', { numVirtualTokens: 3 }, 'the template has 2 soft tokens, but numVirtualTokens is 3'],
])('%s %j: what cannot stand there is refused', async (method, config, message) => {
  const learner = await learn(method, config);
  expect(() => placeLearner(learner, '{soft:2}{text}', 2)).toThrow(message);
});
