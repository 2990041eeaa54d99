import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Adapter } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import { datasetOf } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import { computeLogits } from './logits.js';
import { evaluateLoss } from './loss.js';

useWarmRuntime();

let model: LanguageModel;
let adapter: Adapter;
beforeAll(async () => {
  model = await loadTinyGpt2();
  adapter = await promptTuning.createLearner({
    model,
    config: { numVirtualTokens: 6 },
    tokenizer: characters,
    seed: 4,
  });
});

const example = (inputIds: number[], lossMask: number[]): EncodedExample => ({
  inputIds: Int32Array.from(inputIds),
  lossMask: Uint8Array.from(lossMask),
});
/** Nine label tokens, of which two are first tokens and never count. */
const examples = [
  example([5, 17, 80, 3, 41], [0, 0, 1, 1, 1]),
  example([60, 2], [1, 1]),
  example([77], [1]),
  example([8, 90, 1, 44, 20, 31, 6], [0, 1, 0, 0, 0, 0, 1]),
  example([13, 13, 13], [0, 0, 1]),
];
const dataset = datasetOf(examples);

/** The mean of -log p over the label tokens but first ones, from logits. */
async function plainLoss(learned?: Adapter): Promise<number> {
  const texts = examples.map(({ inputIds }) => [...inputIds]);
  const { data, shape } = await computeLogits({ model, adapter: learned, texts });
  const [, length, vocab] = shape as [number, number, number];
  const losses = examples.flatMap(({ inputIds, lossMask }, row) =>
    Array.from(inputIds, (id, i) => {
      if (i === 0 || !lossMask[i]) return [];
      const scores = data.subarray((row * length + i - 1) * vocab, (row * length + i) * vocab);
      return [Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[id]!];
    }).flat(),
  );
  expect(losses).toHaveLength(7);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe('evaluateLoss', () => {
  it('is the mean over label tokens, with an adapter and without, of the same tokens', async () => {
    const alone = await evaluateLoss({ model, dataset });
    const learned = await evaluateLoss({ model, adapter, dataset });
    expect([alone.labelTokens, learned.labelTokens]).toEqual([7, 7]);
    expect(alone.loss).toBeCloseTo(await plainLoss(), 5);
    expect(learned.loss).toBeCloseTo(await plainLoss(adapter), 5);
    expect(Math.abs(alone.loss - learned.loss)).toBeGreaterThan(0.01);
    expect(alone.perplexity).toBe(Math.exp(alone.loss));
  });

  it('is the same for every batch size, and reports progress', async () => {
    const { loss } = await evaluateLoss({ model, adapter, dataset });
    for (const batchSize of [1, 2, 5]) {
      const progress: { done: number; total: number }[] = [];
      const onProgress = (step: { done: number; total: number }) => progress.push(step);
      const result = await evaluateLoss({ model, adapter, dataset, batchSize, onProgress });
      expect(result.loss).toBeCloseTo(loss, 5);
      expect(progress).toHaveLength(Math.ceil(5 / batchSize));
      expect(progress.at(-1)).toEqual({ done: 5, total: 5 });
    }
  });

  it('leaves the adapter and the examples unchanged', async () => {
    const { data } = adapter.tensors.get('prompt_embeddings')!;
    const before = Float32Array.from(data);
    await evaluateLoss({ model, adapter, dataset });
    expect(adapter.tensors.get('prompt_embeddings')!.data).toEqual(before);
    expect(examples[1]!.lossMask).toEqual(Uint8Array.of(1, 1));
  });

  it('needs a label, and stops when aborted', async () => {
    const none = datasetOf([example([1, 2], [0, 0]), example([77], [1])]);
    const evaluating = evaluateLoss({ model, adapter, dataset: none });
    await expect(evaluating).rejects.toThrow(PromptuneError);
    await expect(evaluating).rejects.toThrow('the data set has no label token to evaluate');
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    const stopping = evaluateLoss({ model, dataset, batchSize: 1, signal: controller.signal, onProgress });
    await expect(stopping).rejects.toThrow('enough');
  });
});
