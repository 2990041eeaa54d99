import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadModel } from '../loading/load-model.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import type { EncodedExample } from '../text/encode.js';
import { createAlternativesEvaluator, lossesOfAlternatives } from './alternatives.js';
import { sharedLength } from './shared-prefix.js';

useWarmRuntime();
let model: LanguageModel;
beforeAll(async () => {
  model = await loadModel(join(import.meta.dirname, '../../test/golden/cases/gpt2__base/model'));
});

const example = (prompt: readonly number[], completion: readonly number[]): EncodedExample => ({
  inputIds: Int32Array.of(...prompt, ...completion),
  lossMask: Uint8Array.of(...prompt.map(() => 0), ...completion.map(() => 1)),
});

const words = [[7], [8, 9], [8, 10, 11], [7, 1]];
const prompts = [
  [5, 17, 60, 2, 33],
  [90, 1, 44],
  [12, 13, 14, 15],
];
const texts = prompts.map((prompt) => words.map((word) => example(prompt, word)));

it.each([['none'], ['prompt-tuning'], ['prefix-tuning'], ['lora'], ['instance-prompt']])(
  'losses behind a text that is read once are those of each alternative alone, with %s',
  async (method) => {
    const tokenizer = {
      encode: (text: string) => [...text].map((character) => character.charCodeAt(0) % 96),
    };
    const config = {
      ...(['prompt-tuning', 'prefix-tuning', 'instance-prompt'].includes(method) && { numVirtualTokens: 3 }),
      ...(method === 'instance-prompt' && { encoder: 'linear' }),
    };
    const adapter =
      method === 'none'
        ? undefined
        : await methodNamed(method).createLearner({ model, config, tokenizer, seed: 1 });
    if (method === 'lora') for (const { data } of adapter!.tensors.values()) data.fill(0.05);
    const evaluator = await createAlternativesEvaluator(model, adapter, {});
    try {
      const alone: number[][] = [];
      for (const text of texts) alone.push(await evaluator.evaluateRows(text));
      const shared = { ...evaluator.shared!, work: 1e9 };
      const found = await lossesOfAlternatives({ ...evaluator, shared }, texts, { batchSize: 2 });
      for (const [i, own] of found.entries())
        for (const [j, loss] of own.entries()) expect(loss).toBeCloseTo(alone[i]![j]!, 4);
    } finally {
      await evaluator.dispose();
    }
  },
);

it('calls that overlap, of texts that are read once and of others, have the losses of each alone', async () => {
  const learner = await methodNamed('lora').createLearner({
    ...{ model, config: {}, tokenizer: { encode: () => [] }, seed: 1 },
  });
  for (const { data } of learner.tensors.values()) data.fill(0.05);
  const evaluator = await createAlternativesEvaluator(model, learner, { isFrozen: true });
  try {
    const [first, second] = [texts.slice(0, 2), texts.slice(1)];
    const alone = [await evaluator.shared!.evaluate(first), await evaluator.shared!.evaluate(second)];
    const overlapping = [evaluator.shared!.evaluate(first), evaluator.shared!.evaluate(second)];
    const others = first.map((text) => evaluator.evaluateRows(text));
    expect(await Promise.all(overlapping)).toEqual(alone);
    for (const [i, losses] of (await Promise.all(others)).entries())
      for (const [j, loss] of losses.entries()) expect(loss).toBeCloseTo(alone[0]![i]![j]!, 4);
  } finally {
    await evaluator.dispose();
  }
});

it('texts whose targets stand among what they share are evaluated as a whole', async () => {
  const seen: number[] = [];
  const evaluator = {
    evaluateRows: async (examples: readonly EncodedExample[]) => {
      seen.push(examples.length);
      return examples.map(() => 1);
    },
    shared: { work: 1e9, evaluate: async () => [] },
  };
  const same = [example([1, 2], [3, 4]), example([1, 2], [3, 5])];
  expect(sharedLength(same)).toBe(3);
  expect(await lossesOfAlternatives(evaluator, [same], { batchSize: 8 })).toEqual([[1, 1]]);
  expect(seen).toEqual([2]);
});

it('a text is read once where that saves more work than rows of their own cost', async () => {
  const counts = { rows: 0, shared: 0 };
  const evaluatorOf = (work: number) => ({
    evaluateRows: async (examples: readonly EncodedExample[]) => {
      counts.rows++;
      return examples.map(() => 1);
    },
    shared: {
      work,
      evaluate: async (own: readonly (readonly EncodedExample[])[]) => {
        counts.shared++;
        return own.map((examples) => examples.map(() => 2));
      },
    },
  });
  const long = words.slice(1).map((word) => example(new Array(100).fill(5), word));
  expect(await lossesOfAlternatives(evaluatorOf(1e6), [long], { batchSize: 8 })).toEqual([[1, 1, 1]]);
  expect(await lossesOfAlternatives(evaluatorOf(1e7), [long], { batchSize: 8 })).toEqual([[2, 2, 2]]);
  const single = [7, 8, 9].map((word) => example(new Array(100).fill(5), [word]));
  expect(await lossesOfAlternatives(evaluatorOf(1e7), [single], { batchSize: 8 })).toEqual([[1, 1, 1]]);
});
