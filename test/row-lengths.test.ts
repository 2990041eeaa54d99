/**
 * @file Graphs that are written for long rows (attention by pieces of the queries) or for rows with much padding, which
 *   is left out: losses and gradients are those of the plain graph, in every kind of model.
 */
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { filesOnDisk } from '../src/adapters/option-files.js';
import { loadModel } from '../src/loading/load-model.js';
import { createModelStep } from '../src/loss/model-step.js';
import { methodNamed } from '../src/methods/registry.js';
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
function rowsFor(vocabSize: number, isBidirectional: boolean): EncodedExample[] {
  const random = seededRandom(5);
  // The last has no label.
  return [9, 5, 7, 2].map((length) => ({
    inputIds: Int32Array.from({ length }, () => random.below(vocabSize)),
    lossMask: new Uint8Array(length).fill(1, Math.max(2, length - 3)),
    ...(isBidirectional && { labels: Int32Array.from({ length }, () => random.below(vocabSize)) }),
  }));
}

it.each([
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
  ['t5-small', 'prefix-tuning', { numVirtualTokens: 3 }],
  ['t5-small', 'full-fine-tuning', {}], // the biases are trained
])('%s, %s', async (of, method, config) => {
  const folder = join(import.meta.dirname, 'golden/cases', of.includes('__') ? of : `${of}__base`, 'model');
  const model = await loadModel(folder);
  const learner = await methodNamed(method).createLearner({
    model,
    config,
    tokenizer: characters,
    seed: 3,
    files: filesOnDisk,
  });
  // Where a method begins with zeros, some gradients are zero.
  const random = seededRandom(7);
  for (const { data } of learner.tensors.values())
    for (const [i, value] of data.entries()) data[i] = value + (random.below(1000) / 1000 - 0.5) / 5;
  const rows = rowsFor(model.config.vocabSize, model.bidirectional === true);
  const stepFor = (longest: number, padding: number) =>
    createModelStep(model, learner, { rowLengths: { longest, padding } });
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
