/**
 * @file Every family of decoders: what the cache gives, rows of unequal lengths together, is what whole texts give,
 * each alone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadAdapter } from '../src/adapters/load-adapter.js';
import { computeLogits } from '../src/evaluation/logits.js';
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { nextStep, startBatch } from './support/decode.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const texts = [[5, 17, 3, 9, 30, 8, 11], [7], [12, 4, 6, 21]];
const steps = [
  [3, 14, 15],
  [9, 26, 5],
];

/** Golden cases, with their adapters where they have one; windows and caps are among them. */
it.each([
  'llama-yarn-old__prompt-tuning',
  'mistral-window__prompt-tuning',
  'qwen3-window__prefix-tuning',
  'gemma2__prompt-tuning',
  'gemma3__lora',
  'phi3__lora',
  'phi__prefix-tuning',
  'gpt_neox-serial__prompt-tuning',
  'opt-after__prompt-tuning',
])('%s', async (name) => {
  const folder = join(import.meta.dirname, 'golden/cases', name);
  const model = await loadModel(join(folder, 'model'));
  const adapterFolder = join(folder, 'adapter');
  const adapter = existsSync(adapterFolder) ? await loadAdapter(adapterFolder, model) : undefined;
  const { vocabSize } = model.config;
  const whole = texts.map((text, row) => [...text, ...steps.map((tokens) => tokens[row]!)]);
  const alone = await Promise.all(
    whole.map(async (text) => (await computeLogits({ model, adapter, texts: [text] })).data),
  );
  const together = await computeLogits({ model, adapter, texts: whole });
  const decoder = await createModelDecoder({ model, adapter });
  try {
    const cached = [await startBatch(decoder, texts)];
    for (const tokens of steps) cached.push(await nextStep(decoder, tokens));
    let largest = 0;
    for (const [row, { length }] of texts.entries()) {
      for (const [step, { logits }] of cached.entries()) {
        const at = length - 1 + step;
        for (let id = 0; id < vocabSize; id++) {
          const expected = alone[row]![at * vocabSize + id]!;
          const padded = together.data[(row * together.shape[1]! + at) * vocabSize + id]!;
          const difference = Math.abs(logits[row * vocabSize + id]! - expected);
          largest = Math.max(largest, difference, Math.abs(padded - expected));
        }
      }
    }
    expect(largest).toBeLessThan(2e-5);
  } finally {
    await decoder.dispose();
  }
});
