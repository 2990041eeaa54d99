/**
 * @file Graphs that are written for long rows (attention by pieces of the queries) or for rows with much padding, which
 *   is left out: losses and gradients are those of the plain graph, in every kind of model.
 */
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { filesOnDisk } from '../src/adapters/option-files.js';
import { createHead } from '../src/attach/head.js';
import { learnerWithHead } from '../src/attach/head-files.js';
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

/** Rows of three lengths, none a multiple of a piece. */
function rowsFor({ config: { vocabSize }, bidirectional }: LanguageModel): EncodedExample[] {
  const random = seededRandom(5);
  // The last has no label.
  return [9, 5, 7, 2].map((length) => ({
    inputIds: Int32Array.from({ length }, () => random.below(vocabSize)),
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

it.each<[model: string, method: string, config: object, task?: 'question-answering']>([
  ['gpt2', 'prompt-tuning', { numVirtualTokens: 3 }],
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
])('%s, %s', async (of, method, config, task) => {
  const folder = join(import.meta.dirname, 'golden/cases', of.includes('__') ? of : `${of}__base`, 'model');
  const model = await loadModel(folder);
  const options = { model, config, tokenizer: characters, seed: 3, files: filesOnDisk };
  const plainLearner = await methodNamed(method).createLearner(options);
  const learner = task ? learnerWithHead(plainLearner, createHead(model, task, [], 3)) : plainLearner;
  // Where a method begins with zeros, some gradients are zero.
  const random = seededRandom(7);
  for (const { data } of learner.tensors.values())
    for (const [i, value] of data.entries()) data[i] = value + (random.below(1000) / 1000 - 0.5) / 5;
  const rows = task ? withAnswers(rowsFor(model)) : rowsFor(model);
  const stepFor = (longest: number, padding: number) => {
    const rowLengths = { longest, padding };
    const graph = lossGraph(model, learner, { differentiate: true, rowLengths });
    expect(graph.inputs.has('token_places')).toBe(padding > 0);
    expect(graph.inputs.has('encoder_token_places')).toBe(padding > 0 && model.encoder !== undefined);
    return createModelStep(model, learner, { graph, rowLengths });
  };
  await using plain = await stepFor(9, 0);
  const expected = await plain.run(rows, 0.25);
  await using byPieces = await stepFor(1000, 0);
  await using both = await stepFor(1000, 0.5);
  for (const step of [byPieces, both]) {
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
