import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import type { Learner } from '../attach/method.js';
import { lossGraph } from '../loss/loss-graph.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import { type Dataset, datasetOf } from '../text/dataset.js';
import { type TrainingConfig, trainingSchema } from '../training/config.js';
import { estimateMemory } from './estimate-memory.js';

let model: LanguageModel;
let learner: Learner;
beforeAll(async () => {
  model = await loadTinyGpt2();
  const config = { numVirtualTokens: 4 };
  learner = await promptTuning.createLearner({ model, config, tokenizer: characters, seed: 1 });
});

/** Examples of so many tokens, the last ones labels. */
const dataset = (...sizes: [tokens: number, labels: number][]) =>
  datasetOf(
    sizes.map(([tokens, labels]) => ({
      inputIds: new Int32Array(tokens),
      lossMask: new Uint8Array(tokens).fill(1, tokens - labels),
    })),
  );
const run = (options: object) => trainingSchema.parse({ learningRate: 0.1, ...options });

const estimate = (data: Dataset, config: TrainingConfig) =>
  estimateMemory(lossGraph(model, learner, { differentiate: true }), learner.tensors, data, config);

/** What is left of an estimate without the values of the step's graph: the process, and the 4 · 32 trained numbers. */
const apart = (moments: number) => 130e6 + 4 * (4 + moments) * 4 * 32;

/** Of one batch of rows without a label on a first token. Nothing is predicted from the last of `tokens`. */
function ofStep(sizes: { batch: number; tokens: number; queries: number; labels: number }): number {
  const { peakBytes } = lossGraph(model, learner, { differentiate: true });
  return peakBytes(new Map(Object.entries({ ...sizes, length: sizes.tokens - 1, firsts: 0 })));
}

describe('estimateMemory', () => {
  it('is that of the largest batch, padding included', async () => {
    const data = dataset([10, 2], [50, 3], [40, 9], [12, 2]);
    const all = await estimate(data, run({ batchSize: 4 }));
    expect(all).toBe(apart(2) + ofStep({ batch: 4, tokens: 50, queries: 9, labels: 16 }));
    const single = await estimate(data, run({ batchSize: 1 }));
    const each = [
      ofStep({ batch: 1, tokens: 50, queries: 3, labels: 3 }),
      ofStep({ batch: 1, tokens: 40, queries: 9, labels: 9 }),
    ];
    expect(single).toBe(apart(2) + Math.max(...each));
  });

  it('is that of the batch with the most labels where those take more', async () => {
    const data = dataset([30, 1], [29, 28]);
    const manyLabels = ofStep({ batch: 1, tokens: 29, queries: 28, labels: 28 });
    expect(manyLabels).toBeGreaterThan(ofStep({ batch: 1, tokens: 30, queries: 1, labels: 1 }));
    expect(await estimate(data, run({ batchSize: 1 }))).toBe(apart(2) + manyLabels);
  });

  it.each([
    [{ name: 'adamw' }, 2],
    [{ name: 'sgd', momentum: 0.9 }, 1],
    [{ name: 'sgd', momentum: 0 }, 0],
    [{ name: 'adafactor' }, 0],
  ])('counts the moments of %j', async (optimizer, moments) => {
    expect(await estimate(dataset([9, 4]), run({ optimizer }))).toBe(
      apart(moments) + ofStep({ batch: 1, tokens: 9, queries: 4, labels: 4 }),
    );
  });
});
