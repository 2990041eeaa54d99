/**
 * @file Masks: a masked language model learns a prompt that makes it fill in a label's word, with soft tokens in the
 * template.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { UsageError } from '../src/errors.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { loadModel } from '../src/loading/load-model.js';
import { createLossEvaluator } from '../src/loss/evaluator.js';
import type { LanguageModel } from '../src/models/model.js';
import { createPromptClassifier } from '../src/prompting/prompt-classifier.js';
import { prepareRun } from '../src/runs/prepare-run.js';
import { type RunConfig, resolveRunConfig } from '../src/runs/run-config.js';
import { trainFromConfig } from '../src/runs/train-adapter.js';
import type { Tokenizer } from '../src/text/tokenizer.js';
import type { TrainingEvent } from '../src/training/events.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const cases = join(import.meta.dirname, 'golden/cases');
const encode = (text: string) => [...text].map((character) => character.charCodeAt(0) % 90);
const tokenizer: Tokenizer = {
  vocabSize: 96,
  maskTokenId: 90,
  encode: (text, { addSpecialTokens = false } = {}) =>
    addSpecialTokens ? [91, ...encode(text), 92] : encode(text),
  decode: (ids) => String(Array.from(ids)),
  tokenOf: (id) => String(id),
  idOf: () => undefined,
};

let root: string;
let bert: LanguageModel;
let data: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-cloze-'));
  bert = await loadModel(join(cases, 'bert-mlm__base/model'), 'tiny-bert');
  data = join(root, 'data.jsonl');
  const rows = ['fine', 'dull', 'good', 'poor'].map((text, i) => ({ text, label: i % 2 }));
  await writeFile(data, rows.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(root, { recursive: true }));

const settings = (): RunConfig => ({
  data,
  template: '{{ text }} {{ mask() }}.',
  completionTemplate: '{label}',
  verbalizer: { 0: 'g', 1: ['b', 'p'] },
  appendEos: false,
});

it("the loss is that of the label's first word at the mask", async () => {
  const run = await prepareRun(resolveRunConfig({ ...settings(), method: 'lora' }), {
    model: bert,
    tokenizer,
  });
  const example = await run.data.dataset.get(1);
  const ids = [91, ...encode('dull '), 90, ...encode('.'), 92];
  expect([...example.inputIds]).toEqual(ids);
  const at = ids.indexOf(90);
  const [b] = encode('b');
  expect(example.labels!.indexOf(b!)).toBe(at);
  expect([...example.lossMask]).toEqual(ids.map((id) => Number(id === 90)));
  const { data: logits } = await computeLogits({ model: bert, texts: [ids] });
  const scores = Array.from(logits.subarray(at * 96, (at + 1) * 96));
  const expected = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[b!]!;
  const evaluator = await createLossEvaluator(bert, run.learner); // LoRA starts as nothing
  expect((await evaluator.evaluate([example])).lossSum).toBeCloseTo(expected, 4);
  await evaluator.dispose();
  await run.dispose();
});

it('soft tokens in the template are learned, saved and used to classify', async () => {
  const losses: number[] = [];
  const { adapterPath } = await trainFromConfig({
    ...settings(),
    template: '{{ soft(3) }}{{ text }}{{ soft(1) }} {{ mask() }}.',
    model: bert,
    tokenizer,
    output: join(root, 'run'),
    learningRate: 0.3,
    batchSize: 4,
    maxSteps: 40,
    onEvent: (event: TrainingEvent) => event.type === 'step' && losses.push(event.loss),
  });
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.4); // random weights can do little more
  const adapter = await loadAdapter(adapterPath, bert);
  expect(adapter.placement).toMatchObject({ count: 4 });
  const { verbalizer, completionTemplate } = settings() as {
    verbalizer: Record<string, string>;
    completionTemplate: string;
  };
  const classifier = createPromptClassifier({
    model: bert,
    tokenizer,
    adapter,
    verbalizer,
    completionTemplate,
  });
  const [first] = await classifier.classify([{ text: 'fine' }]);
  await classifier.dispose();
  const sum = Object.values(first!.probabilities).reduce((total, p) => total + p, 0);
  expect(sum).toBeCloseTo(1, 6);
});

it.each<[string, Partial<RunConfig>, string]>([
  ['no mask', { template: '{text}' }, 'or use a template with {{ mask() }}'],
  ['a word of two tokens', { verbalizer: { 0: 'go', 1: 'b' } }, 'the template has 1, but "go" is 2'],
  [
    'a label that is not there',
    { verbalizer: { 0: 'g', 2: 'b' } },
    '(line 2): the label "1" is not in the verbalizer',
  ],
])('refuses %s', async (_, change, message) => {
  const config = resolveRunConfig({ ...settings(), ...change });
  await expect(prepareRun(config, { model: bert, tokenizer })).rejects.toThrow(message);
});

it('refuses a model without the head of masked language models, and a decoder', async () => {
  const bare = await loadModel(join(cases, 'bert-cls__base/model'), 'tiny-bert-cls');
  const gpt2 = await loadModel(join(cases, 'gpt2__base/model'), 'tiny-gpt2');
  const config = resolveRunConfig(settings());
  await expect(prepareRun(config, { model: bare, tokenizer })).rejects.toThrow(
    'the files of tiny-bert-cls have no cls.predictions',
  );
  await expect(prepareRun(config, { model: gpt2, tokenizer })).rejects.toThrow('cannot fill in a mask');
  await expect(prepareRun(config, { model: gpt2, tokenizer })).rejects.toThrow(UsageError);
});
