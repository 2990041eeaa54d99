/** @file Thousands of learned prompts: their keys and values keep their bound, and so does the process. */
import type { Adapter } from '../../../src/attach/method.js';
import type { LanguageModel } from '../../../src/models/model.js';
import { createEngine, type Engine } from '../../../src/serving/index.js';
import { float32Tensor, type Tensor } from '../../../src/tensor.js';
import { characterTokenizer, learned } from '../../../test/serving/adapters.js';
import { read } from '../../../test/serving/mixed.js';
import type { Attempt } from '../campaign.js';
import { attemptOf, memory } from './outcome.js';

const registered = { count: 4000, numVirtualTokens: 60 };
const promptCacheBytes = 2 ** 20;
/**
 * Megabytes by which the process may grow while all are asked three times, which computes 370 MB of keys and values. V8
 * frees memory outside its heap late, in the engine's thread as well.
 */
const maxGrowth = 128;

export async function manyPrompts(model: LanguageModel): Promise<Attempt> {
  const { count, numVirtualTokens } = registered;
  const first = await learned(model, 'prompt-tuning', { numVirtualTokens });
  const [[name, { shape, data }]] = [...first.tensors] as [[string, Tensor<'float32'>]];
  const adapters = Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const own = { ...first, content: undefined };
      const tensors = new Map([
        [
          name,
          float32Tensor(
            shape,
            data.map((value) => value + i / count),
          ),
        ],
      ]);
      return [`soft-${i}`, { ...own, tensors } as Adapter];
    }),
  );
  const limits = { promptCacheBytes, maxWaiting: 1000 };
  await using engine = await createEngine({ model, tokenizer: characterTokenizer, adapters, ...limits });
  const ids = Object.keys(adapters);
  for (let round = 0; round < 20; round++) await ask(engine, ids.slice(0, 100));
  const before = memory();
  const most = await ask(engine, [...ids, ...ids, ...ids]);
  const growth = memory() - before;
  const faults = [
    ...(most > promptCacheBytes ? [`${most} bytes of keys and values`] : []),
    ...(growth > maxGrowth ? [`${growth.toFixed(1)} MB more memory`] : []),
  ];
  return attemptOf(`${count} learned prompts`, faults);
}

/** Asks prompts, some at once. Returns the most bytes of keys and values that were kept. */
async function ask(engine: Engine, ids: readonly string[]): Promise<number> {
  let most = 0;
  const options = { maxNewTokens: 2, eosTokenId: [] };
  for (let from = 0; from < ids.length; from += 20) {
    const some = ids.slice(from, from + 20);
    await Promise.all(some.map((id) => read(engine.submit({ model: id, prompt: [1, 2], options }))));
    most = Math.max(most, engine.stats().keptPromptBytes);
  }
  return most;
}
