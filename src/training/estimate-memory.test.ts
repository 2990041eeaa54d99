import { describe, expect, it } from 'vitest';
import { datasetOf } from '../data/dataset.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM, ModelConfig } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import { trainingSchema } from './config.js';
import { estimateMemory } from './estimate-memory.js';

const config: ModelConfig = {
  modelType: 'gpt2',
  vocabSize: 1000,
  hiddenSize: 64,
  numLayers: 3,
  numAttentionHeads: 4,
  numKeyValueHeads: 4,
  headDim: 16,
  maxPositions: 128,
};
const model = { config } as CausalLM;
const adapter: Adapter = {
  method: 'example',
  tensors: new Map([
    ['a', float32Tensor([20, 64])],
    ['b', float32Tensor([7])],
  ]),
  numVirtualTokens: 20,
  attach: () => ({}),
};
/** Examples of so many tokens, the last ones labels. */
const dataset = (...sizes: [tokens: number, labels: number][]) =>
  datasetOf(
    sizes.map(([tokens, labels]) => ({
      inputIds: new Int32Array(tokens),
      lossMask: new Uint8Array(tokens).fill(1, tokens - labels),
    })),
  );
const run = (options: object) => trainingSchema.parse({ learningRate: 0.1, ...options });

/** The formula of estimate-memory.ts for one batch: what is kept for it and for the trained tensors, in bytes. */
function bytes({ rows, length, labels, moments }: Record<'rows' | 'length' | 'labels' | 'moments', number>) {
  const perTokenAndLayer = 10 * 64 + 1.3 * 4 * (length + 20);
  const trained = 20 * 64 + 7;
  const kept = rows * length * 3 * perTokenAndLayer + 3.3 * labels * 1000;
  return 130e6 + 4 * (kept + (5 + moments) * trained);
}

describe('estimateMemory', () => {
  it('is that of the largest batch, padding included', () => {
    const data = dataset([10, 2], [50, 3], [40, 9], [12, 12]);
    const all = run({ batchSize: 4, optimizer: { name: 'adamw' } });
    const expected = bytes({ rows: 4, length: 50, labels: 26, moments: 2 });
    expect(estimateMemory(model, adapter, data, all)).toBeCloseTo(expected, 3);
    const single = run({ batchSize: 1, optimizer: { name: 'adamw' } });
    const largest = bytes({ rows: 1, length: 50, labels: 3, moments: 2 });
    expect(estimateMemory(model, adapter, data, single)).toBeCloseTo(largest, 3);
  });

  it('counts logits, where there are many labels', () => {
    const data = dataset([60, 1], [30, 30]);
    const single = run({ batchSize: 1, optimizer: { name: 'adamw' } });
    const manyLabels = bytes({ rows: 1, length: 30, labels: 30, moments: 2 });
    const longRow = bytes({ rows: 1, length: 60, labels: 1, moments: 2 });
    expect(Math.max(manyLabels, longRow)).toBe(longRow);
    expect(estimateMemory(model, adapter, data, single)).toBeCloseTo(longRow, 3);
    const wide = { config: { ...config, vocabSize: 10_000 } } as CausalLM;
    const expected = manyLabels + 4 * 3.3 * 30 * 9000;
    expect(estimateMemory(wide, adapter, data, single)).toBeCloseTo(expected, 3);
  });

  it.each([
    [{ name: 'adamw' }, 2],
    [{ name: 'sgd', momentum: 0.9 }, 1],
    [{ name: 'sgd', momentum: 0 }, 0],
    [{ name: 'adafactor' }, 0],
  ])('counts the moments of %j', (optimizer, moments) => {
    const estimate = estimateMemory(model, adapter, dataset([9, 4]), run({ batchSize: 2, optimizer }));
    expect(estimate).toBeCloseTo(bytes({ rows: 1, length: 9, labels: 4, moments }), 3);
  });
});
