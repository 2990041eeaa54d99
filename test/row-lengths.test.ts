/**
 * @file Graphs that are written for long rows (attention by pieces of the queries), for rows with much padding, which
 *   is left out, or for rows that begin alike, which compute that once: losses and gradients are those of the plain
 *   graph, in every kind of model.
 */
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { filesReadWith } from '../src/adapters/option-files.js';
import { createHead } from '../src/attach/head.js';
import { learnerWithHead } from '../src/attach/head-files.js';
import { placeLearner } from '../src/attach/placed-prompt.js';
import { loadModel } from '../src/loading/load-model.js';
import { lossGraph } from '../src/loss/loss-graph.js';
import { createModelStep } from '../src/loss/model-step.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import type { EncodedExample } from '../src/text/encode.js';
import { characters } from './support/tiny-gpt2.js';
import { useWarmRuntime } from './support/warm-runtime.js';

vi.mock('../src/models/attention.js', async (original) => ({
  ...(await original<typeof import('../src/models/attention.js')>()),
  queriesAtOnceFor: (longest: number) => (longest === 1000 ? 2 : undefined),
}));
useWarmRuntime();

/**
 * Rows of several lengths, none a multiple of a piece. Of the first row the second has the first three tokens, the
 * third one. The fourth begins with the third, and the fifth is how the third begins. The last row has no label.
 */
function rowsFor({ config: { vocabSize }, bidirectional }: LanguageModel): EncodedExample[] {
  const random = seededRandom(5);
  const ids = (length: number) => Array.from({ length }, () => random.below(vocabSize));
  const first = ids(9);
  const third = [first[0]!, ...ids(6)];
  const texts = [first, [...first.slice(0, 3), ...ids(2)], third, [...third, ...ids(4)], third.slice(0, 2)];
  return texts.map(({ length }, row) => ({
    inputIds: Int32Array.from(texts[row]!),
    lossMask: new Uint8Array(length).fill(1, Math.max(2, length - 3)),
    ...(bidirectional && { labels: Int32Array.from({ length }, () => random.below(vocabSize)) }),
  }));
}

/** The same rows with an answer to find in each, from its second token to its last. */
const withAnswers = (rows: readonly EncodedExample[]): EncodedExample[] =>
  rows.map(({ inputIds: { length }, ...row }) => ({
    ...row,
    inputIds: Int32Array.from({ length }, (_, i) => i),
    lossMask: Uint8Array.from({ length }, (_, i) => Number(i === 1)),
    labels: new Int32Array(length).fill(length - 1),
  }));

/** The same rows, each with three soft tokens, which most have at the beginning. */
const withSoftTokens = (rows: readonly EncodedExample[], first: number): EncodedExample[] =>
  rows.map(({ inputIds, lossMask }, row) => {
    const at = row === 1 ? 2 : 0;
    const put = (values: ArrayLike<number>, soft: readonly number[]) => {
      const all = Array.from(values);
      return [...all.slice(0, at), ...soft, ...all.slice(at)];
    };
    return {
      inputIds: Int32Array.from(put(inputIds, [first, first + 1, first + 2])),
      lossMask: Uint8Array.from(put(lossMask, [0, 0, 0])),
    };
  });

it.each<[model: string, method: string, config: object, rows?: 'question-answering' | 'soft tokens']>([
  ['gpt2', 'prompt-tuning', { numVirtualTokens: 3 }],
  ['gpt2', 'prompt-tuning', { numVirtualTokens: 3 }, 'soft tokens'],
  ['gpt2', 'prefix-tuning', { numVirtualTokens: 5 }],
  ['gpt2', 'full-fine-tuning', {}],
  ['gemma2', 'prompt-tuning', { numVirtualTokens: 3 }], // windows, capped scores, shared keys
  ['mistral-window__prompt-tuning', 'prefix-tuning', { numVirtualTokens: 6 }],
  ['gpt2', 'late-prompt-tuning', { numVirtualTokens: 3, insertionLayer: 1 }],
  ['gpt_neox', 'lora', {}],
  ['opt', 'lora', {}],
  ['bert-mlm', 'lora', {}],
  ['bert-mlm', 'prompt-tuning', { numVirtualTokens: 3 }],
  ['t5-small', 'lora', {}], // biases by distance, and attention to the encoder
  ['t5-small', 'prompt-tuning', { numVirtualTokens: 3 }], // in the encoder's rows
  ['t5-small', 'prefix-tuning', { numVirtualTokens: 3 }],
  ['t5-small', 'full-fine-tuning', {}], // the biases are trained
  ['bert-mlm', 'prompt-tuning', { numVirtualTokens: 3 }, 'question-answering'], // reads the state of every token
  ['gpt2', 'lora', {}, 'question-answering'],
])('%s, %s', async (of, method, config, kind) => {
  const folder = join(import.meta.dirname, 'golden/cases', of.includes('__') ? of : `${of}__base`, 'model');
  const model = await loadModel(folder);
  const options = { model, config, tokenizer: characters, seed: 3, files: filesReadWith({}) };
  const plainLearner = await methodNamed(method).createLearner(options);
  const answers = kind === 'question-answering';
  const learner = answers
    ? learnerWithHead(plainLearner, createHead(model, kind, [], 3))
    : kind
      ? placeLearner(plainLearner, '{{ soft(3) }}', 3)
      : plainLearner;
  // Where a method begins with zeros, some gradients are zero.
  const random = seededRandom(7);
  for (const { data } of learner.tensors.values())
    for (const [i, value] of data.entries()) data[i] = value + (random.below(1000) / 1000 - 0.5) / 5;
  const texts = rowsFor(model);
  const rows = answers ? withAnswers(texts) : kind ? withSoftTokens(texts, model.config.vocabSize) : texts;
  const stepFor = (longest: number, padding: number, repetition = 0) => {
    const rowLengths = { longest, padding, repetition };
    const graph = lossGraph(model, learner, { differentiate: true, rowLengths });
    expect(graph.inputs.has('vector_places')).toBe(repetition > 0);
    expect(graph.inputs.has('token_places')).toBe(padding > 0 && repetition === 0);
    expect(graph.inputs.has('encoder_token_places')).toBe(padding > 0 && model.encoder !== undefined);
    return createModelStep(model, learner, { graph, rowLengths });
  };
  await using plain = await stepFor(9, 0);
  const expected = await plain.run(rows, 0.25);
  await using byPieces = await stepFor(1000, 0);
  await using both = await stepFor(1000, 0.5);
  const isCausal = !model.bidirectional && !model.encoder;
  await using alike = isCausal ? await stepFor(1000, 0.5, 0.4) : undefined;
  for (const step of [byPieces, both, ...(alike ? [alike] : [])]) {
    const found = await step.run(rows, 0.25);
    expect(Math.abs(found.lossSum / expected.lossSum - 1)).toBeLessThan(1e-6);
    for (const [name, gradient] of expected.gradients) {
      const largest = Math.max(...gradient.map(Math.abs));
      const other = found.gradients.get(name)!;
      const difference = Math.max(...gradient.map((value, i) => Math.abs(value - other[i]!)));
      expect(difference / Math.max(largest, 1e-6), name).toBeLessThan(1e-5);
    }
    const { lossSum } = await step.evaluate(rows);
    expect(Math.abs(lossSum / expected.lossSum - 1)).toBeLessThan(1e-6);
  }
});
