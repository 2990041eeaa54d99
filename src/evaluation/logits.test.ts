import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { computeLogits } from './logits.js';

useWarmRuntime();

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const texts = [[5, 17, 80, 3, 41], [60], [8, 90, 1]];

describe('computeLogits', () => {
  it('refuses a text that is longer than the positions', async () => {
    const { maxPositions } = model.config;
    const long = Array.from({ length: maxPositions + 1 }, () => 5);
    await expect(computeLogits({ model, texts: [[5], long] })).rejects.toThrow(
      `a text has ${maxPositions + 1} tokens, and ${model.name} has positions for ${maxPositions}`,
    );
  });

  it.each([
    ['the model alone', undefined],
    ['a soft prompt', 'prompt-tuning'],
    ['a prefix', 'prefix-tuning'],
    ['a prompt for each text', 'instance-prompt'],
    ['a prefix, a soft prompt and a LoRA', 'prefix-tuning+prompt-tuning+lora'],
  ])('has the text tokens alone, and for each what its text gets alone: %s', async (_, method) => {
    const adapter =
      method === undefined
        ? undefined
        : await methodNamed(method).createLearner({
            model,
            config: { numVirtualTokens: 4 },
            tokenizer: characters,
            seed: 2,
          });
    // Lengths as different as they get: a row's positions count its own tokens, wherever padding would stand.
    const together = await computeLogits({ model, adapter, texts });
    expect(together.shape).toEqual([3, 5, 96]);
    for (const [row, text] of texts.entries()) {
      const alone = await computeLogits({ model, adapter, texts: [text] });
      expect(alone.shape).toEqual([1, text.length, 96]);
      const start = row * 5 * 96;
      for (const [i, score] of alone.data.entries()) expect(together.data[start + i]).toBeCloseTo(score, 4);
    }
  });

  it('sees no token before its time', async () => {
    const before = await computeLogits({ model, texts: [[5, 17, 80]] });
    const after = await computeLogits({ model, texts: [[5, 17, 33]] });
    const difference = (position: number) =>
      Math.max(
        ...Array.from({ length: 96 }, (_, id) =>
          Math.abs(before.data[position * 96 + id]! - after.data[position * 96 + id]!),
        ),
      );
    expect([difference(0), difference(1)]).toEqual([0, 0]);
    expect(difference(2)).toBeGreaterThan(0.01);
  });
});
