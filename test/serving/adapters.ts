/** @file Adapters of every kind for the tiny GPT-2, with their numbers far from the start that changes nothing. */
import { composeAdapters } from '../../src/attach/compose.js';
import type { Adapter, Learner } from '../../src/attach/method.js';
import { placePrompt } from '../../src/attach/placed-prompt.js';
import { methodNamed } from '../../src/methods/registry.js';
import type { LanguageModel } from '../../src/models/model.js';
import { seededRandom } from '../../src/random.js';
import type { Tokenizer } from '../../src/text/tokenizer.js';
import { characters } from '../support/tiny-gpt2.js';

export async function learned(
  model: LanguageModel,
  method: string,
  config: object = {},
  seed = 3,
): Promise<Learner> {
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer: characters, seed });
  const random = seededRandom(seed);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.2 * random.normal();
  return learner;
}

/** One of each kind that rows of one batch can have. */
export async function adaptersOfAllKinds(model: LanguageModel): Promise<Record<string, Adapter>> {
  const make = (...rest: [string, object?, number?]) => learned(model, ...rest);
  const multitask = await make('multitask-prompt-tuning', { numVirtualTokens: 3, numTasks: 2 });
  return {
    short: await make('prompt-tuning', { numVirtualTokens: 2 }),
    long: await make('prompt-tuning', { numVirtualTokens: 9 }, 4),
    projected: await make('prompt-tuning', { initText: 'a cat', projected: true }, 11),
    encoded: await make('p-tuning', { numVirtualTokens: 4, encoderHiddenSize: 8 }, 12),
    task: multitask.tasks!.adapterFor(1),
    prefix: await make('prefix-tuning', { numVirtualTokens: 5 }),
    late: await make('late-prompt-tuning', { numVirtualTokens: 4 }, 23),
    predicted: await make('late-prompt-tuning', { numVirtualTokens: 3, predicted: true }, 24),
    upper: await make('late-prefix-tuning', { numVirtualTokens: 7 }, 25),
    cartridge: await make('cartridge', { numVirtualTokens: 6 }, 13),
    placed: placePrompt(
      await make('prompt-tuning', { numVirtualTokens: 5 }, 14),
      '{soft:2}{text}{soft:3}',
      5,
    ),
    each: await make('instance-prompt', { numVirtualTokens: 4, encoder: 'linear' }),
    pool: await make('prompt-pool', { poolSize: 4, topN: 2, promptLength: 2 }, 15),
    lora: await make('lora', { r: 2, targetModules: 'all-linear' }),
    rslora: await make('lora', { r: 5, useRslora: true }, 16),
    dora: await make('lora', { r: 3, useDora: true, targetModules: ['c_attn', 'c_fc'] }, 5),
    ia3: await make('ia3'),
    pfeiffer: await make('bottleneck-adapter', {}, 6),
    houlsby: await make('bottleneck-adapter', { kind: 'houlsby', scaling: 'channel' }, 17),
    parallel: await make('bottleneck-adapter', { kind: 'parallel' }, 18),
    composed: composeAdapters([
      await make('lora', { r: 4 }, 7),
      await make('prompt-tuning', { numVirtualTokens: 3 }, 8),
      await make('ia3', {}, 9),
      await make('prefix-tuning', { numVirtualTokens: 2 }, 10),
    ]),
    nested: composeAdapters([
      await make('ia3', {}, 19),
      await make('lora', { r: 2, useDora: true, targetModules: ['c_attn', 'c_proj'] }, 20),
      await make('lora', { r: 3, targetModules: 'all-linear' }, 21),
      await make('bottleneck-adapter', { kind: 'houlsby' }, 22),
    ]),
  };
}

/** A token a character, both ways, for the 96 of the tiny model. */
export const characterTokenizer: Tokenizer = {
  encode: characters.encode,
  decode: (ids) => [...ids].map((id) => String.fromCharCode(32 + id)).join(''),
  vocabSize: 96,
  tokenOf: (id) => String.fromCharCode(32 + id),
  idOf: (token) => token.charCodeAt(0) - 32,
};
