import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import type { Adapter } from '../attach/method.js';
import { placePrompt } from '../attach/placed-prompt.js';
import { UsageError } from '../errors.js';
import { loadModel } from '../loading/load-model.js';
import { methodNamed } from '../methods/registry.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { type PromptAttention, promptAttention } from './prompt-attention.js';

useWarmRuntime();

/** By PEFT (tools/golden/make_attention.py). */
const expected: { ids: number[]; layers: Record<string, number[][][]> } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'prompt-attention.fixture.json'), 'utf8'),
);
const cases = join(import.meta.dirname, '../../test/golden/cases');

/** A token a character. */
const tokenizer: Tokenizer = {
  encode: (text) => Array.from(text, (c) => c.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
  vocabSize: 96,
  tokenOf: (id) => String.fromCharCode(id),
  idOf: (token) => token.charCodeAt(0),
};
const prompt = String.fromCharCode(...expected.ids);

function expectShares({ layers }: PromptAttention, shares: number[][][], digits = 5) {
  expect(layers.length).toBe(shares.length);
  for (const [layer, rows] of layers.entries())
    for (const [row, columns] of rows.entries()) {
      expect(columns.length).toBe(shares[layer]![row]!.length);
      for (const [i, share] of columns.entries()) expect(share).toBeCloseTo(shares[layer]![row]![i]!, digits);
    }
}

describe('promptAttention', () => {
  it.each([
    ['gpt2__prompt-tuning', 'gpt2__base'],
    ['llama__prefix-tuning', 'llama__base'],
    ['roberta-cls__prompt-tuning', 'roberta-cls__prompt-tuning'],
  ])('is what PEFT computes for %s', async (name, base) => {
    const model = await loadModel(join(cases, base, 'model'));
    const adapter = await loadAdapter(join(cases, name, 'adapter'), model);
    const found = await promptAttention({ model, tokenizer, adapter, prompt });
    expect(found.tokens.map(({ id }) => id)).toEqual(expected.ids);
    expect(found.numVirtualTokens).toBe(expected.layers[name]![0]![0]!.length);
    expectShares(found, expected.layers[name]!);
  });

  const learnerOf = async (
    method: string,
    config: object,
  ): Promise<[Adapter, Awaited<ReturnType<typeof loadTinyGpt2>>]> => {
    const model = await loadTinyGpt2();
    return [await methodNamed(method).createLearner({ model, tokenizer, config, seed: 1 } as never), model];
  };

  it('of soft tokens inside a text is what the same vectors get before it', async () => {
    const [adapter, model] = await learnerOf('prompt-tuning', { numVirtualTokens: 4 });
    const before = await promptAttention({ model, tokenizer, adapter, prompt: 'A CAT' });
    const placed = placePrompt(adapter, '{soft:4}{text}', 4);
    const inside = await promptAttention({ model, tokenizer, adapter: placed, prompt: 'A CAT' });
    expect(inside.tokens.map(({ text }) => text)).toEqual([...'A CAT']);
    expect(inside.numVirtualTokens).toBe(4);
    expectShares(inside, before.layers as number[][][]);
  });

  it('is nothing in the layers below a late prompt', async () => {
    const [adapter, model] = await learnerOf('late-prompt-tuning', {
      numVirtualTokens: 3,
      insertionLayer: 1,
    });
    const { layers } = await promptAttention({ model, tokenizer, adapter, prompt: 'CAT' });
    expect(layers[0]).toEqual([0, 1, 2].map(() => [0, 0, 0]));
    for (const row of layers[1]!) for (const share of row) expect(share).toBeGreaterThan(0);
  });

  it('is read in the encoder of an encoder-decoder', async () => {
    const folder = join(cases, 't5-flan-new__prompt-tuning');
    const model = await loadModel(join(cases, 't5-flan__base/model'));
    const adapter = await loadAdapter(join(folder, 'adapter'), model);
    const { layers, numVirtualTokens } = await promptAttention({
      model,
      tokenizer,
      adapter,
      prompt: '\u0005\u0011',
    });
    expect(numVirtualTokens).toBe(adapter.numVirtualTokens);
    for (const row of layers.flat()) {
      const sum = row.reduce((all, share) => all + share, 0);
      expect(sum).toBeGreaterThan(0);
      expect(sum).toBeLessThan(1);
    }
  });

  it('refuses what has no virtual tokens, and texts that are too long', async () => {
    const [lora, model] = await learnerOf('lora', {});
    await expect(promptAttention({ model, tokenizer, adapter: lora, prompt: 'CAT' })).rejects.toThrow(
      new UsageError('lora has no virtual tokens that a text attends to', { code: 'unsupported' }),
    );
    await expect(
      promptAttention({ model, tokenizer, adapter: lora, prompt: 'C'.repeat(513) }),
    ).rejects.toThrow('the text has 513 tokens; at most 512 are shown');
  });
});
