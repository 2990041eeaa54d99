/** @file Rows whose prompts enter different layers, and rows of the base, in one batch. */
import { expect, it } from 'vitest';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { fromPretrained } from '../../src/pretrained.js';
import { createEngine, type EngineRequest } from '../../src/serving/index.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { learned } from './adapters.js';

useWarmRuntime();

it('get what they get alone, those that are there when another layer comes too', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const { numLayers } = model.config;
  const adapters = {
    low: await learned(model, 'late-prompt-tuning', { numVirtualTokens: 3, insertionLayer: 1 }),
    high: await learned(
      model,
      'late-prefix-tuning',
      { numVirtualTokens: 6, insertionLayer: numLayers - 1 },
      4,
    ),
  };
  const options = { maxNewTokens: 8, eosTokenId: [] };
  const prompts = { low: [70, 81, 92], high: [400, 12], base: [55] };
  await using engine = await createEngine({ model, tokenizer, adapters: { low: adapters.low } });
  const idsOf = async (request: EngineRequest) => {
    const ids: number[] = [];
    for await (const { id } of await engine.submit(request)) ids.push(id);
    return ids;
  };
  const first = idsOf({ model: 'low', prompt: prompts.low, options });
  await engine.load('high', adapters.high);
  const found = await Promise.all([
    first,
    idsOf({ model: 'high', prompt: prompts.high, options }),
    idsOf({ prompt: prompts.base, options }),
    idsOf({ model: 'low', prompt: prompts.low, options }), // from the kept keys and values
  ]);
  const alone = async (prompt: number[], adapter?: (typeof adapters)['low']) => {
    await using decoder = await createModelDecoder({ model, adapter });
    const [row] = await generate(decoder, [prompt], options);
    return row!.ids;
  };
  const low = await alone(prompts.low, adapters.low);
  expect(found).toEqual([low, await alone(prompts.high, adapters.high), await alone(prompts.base), low]);
});
