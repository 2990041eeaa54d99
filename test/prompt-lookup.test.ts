/**
 * @file Prompt lookup changes no token: for decoders and encoder-decoders with each kind of adapter, greedy and
 *   sampled, rows together.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import type { Decoder } from '../src/generation/decoder.js';
import { generate } from '../src/generation/generate.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import type { GenerationOptions } from '../src/generation/options.js';
import { loadModel } from '../src/loading/load-model.js';
import { seededRandom } from '../src/random.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const cases = join(import.meta.dirname, 'golden/cases');

async function opened(name: string) {
  const own = join(cases, name, 'model');
  const model = await loadModel(existsSync(own) ? own : join(cases, `${name.split('__')[0]}__base/model`));
  return { model, adapter: await loadAdapter(join(cases, name, 'adapter'), model) };
}

/** Texts that repeat a part of themselves, so that there is something to guess. */
function repeatingTexts(vocabSize: number, count: number): number[][] {
  const random = seededRandom(5);
  return Array.from({ length: count }, (_, i) => {
    const part = Array.from({ length: 3 + i }, () => random.below(vocabSize));
    return [...part, random.below(vocabSize), ...part];
  });
}

/** A decoder that counts its steps with guesses. */
function counting(decoder: Decoder) {
  let count = 0;
  const stepSeveral: Decoder['stepSeveral'] = (...args) => {
    count++;
    return decoder.stepSeveral(...args);
  };
  const methods = Object.fromEntries(
    (['admit', 'reorder', 'step', 'takeBack', 'maxLength'] as const).map((name) => [
      name,
      decoder[name].bind(decoder),
    ]),
  );
  const { vocabSize, startsWith } = decoder;
  return { decoder: { vocabSize, startsWith, ...methods, stepSeveral } as Decoder, count: () => count };
}

it.each([
  'gpt2__prompt-tuning',
  'gpt2__lora',
  'llama__prefix-tuning',
  'llama__lora-rs-dora-all-linear',
  'mistral-window__prompt-tuning',
  'gemma2__prompt-tuning',
  't5-flan-new__prompt-tuning',
  't5-small__prefix-tuning',
])('%s', async (name) => {
  const { model, adapter } = await opened(name);
  const prompts = repeatingTexts(model.config.vocabSize, 3);
  const decoder = await createModelDecoder({ model, adapter });
  try {
    const choices: GenerationOptions[] = [
      {},
      { temperature: 0.3, topK: 0, seed: 3 },
      { repetitionPenalty: 1.1, minNewTokens: 9, eosTokenId: [4, 7] },
    ];
    const counts = counting(decoder);
    for (const choice of choices) {
      const options = { maxNewTokens: 32, ...choice };
      const plain = await generate(decoder, prompts, options);
      const guessed = { ...options, promptLookupNumTokens: 5 };
      expect(await generate(counts.decoder, prompts, guessed)).toEqual(plain);
    }
    expect(counts.count()).toBeGreaterThan(0);
  } finally {
    await decoder.dispose();
  }
});

it('rows with adapters of their own', async () => {
  const { model, adapter: soft } = await opened('gpt2__prompt-tuning');
  const lora = await loadAdapter(join(cases, 'gpt2__lora/adapter'), model);
  const decoder = await createModelDecoder({ model, adapters: { soft, lora } });
  const prompts = repeatingTexts(model.config.vocabSize, 3);
  const options = { maxNewTokens: 20, adapters: ['soft', 'lora', undefined] };
  try {
    const plain = await generate(decoder, prompts, options);
    expect(await generate(decoder, prompts, { ...options, promptLookupNumTokens: 8 })).toEqual(plain);
  } finally {
    await decoder.dispose();
  }
});
