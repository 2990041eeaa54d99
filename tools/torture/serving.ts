/**
 * @file A server under requests that come at random. For adapters of all kinds, half of them over HTTP: each must get
 *   what it gets alone, and what PEFT generates; in every sixth attempt, two adapters are in each other's place, which
 *   must be noticed. And for thousands of learned prompts: their keys and values, and the process, keep their bounds.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Adapter } from '../../src/attach/method.js';
import type { LanguageModel } from '../../src/models/model.js';
import { createEngine, createServer, type Engine } from '../../src/serving/index.js';
import { float32Tensor, type Tensor } from '../../src/tensor.js';
import { adaptersOfAllKinds, characterTokenizer, learned } from '../../test/serving/adapters.js';
import {
  Alone,
  base,
  goldenRequests,
  randomRequest,
  read,
  serveAll,
  tightLimits,
  wrongModels,
} from '../../test/serving/mixed.js';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import type { Attempt, Campaign } from './campaign.js';

/** Random ones of an attempt; those of the golden cases come on top. */
const requestsPerAttempt = 100;

export const serving: Campaign = {
  about: `a server: ${requestsPerAttempt} requests at random for adapters of all kinds; thousands of learned prompts`,
  defaultCount: 7,
  isParallel: false,
  async start() {
    const model = await loadTinyGpt2();
    const own = await adaptersOfAllKinds(model);
    const golden = await goldenRequests(model);
    const adapters = { ...own, ...golden.adapters };
    const alone = new Alone(model, adapters);
    const names = [base, ...Object.keys(own)];
    return {
      async attempt(number, random) {
        if (number % 7 === 6) return manyPrompts(model);
        const isSwapped = number % 7 === 5;
        const requests = Array.from({ length: requestsPerAttempt }, (_, i) =>
          randomRequest(random, names, i),
        );
        for (const request of golden.requests) requests.splice(random.below(requests.length), 0, request);
        const places: Record<string, Adapter> = isSwapped
          ? { ...adapters, gpt2__lora: adapters.gpt2__ia3!, gpt2__ia3: adapters.gpt2__lora! }
          : adapters;
        await using server = await createServer({
          ...{ model, tokenizer: characterTokenizer, adapters: places, port: 0 },
          ...tightLimits,
        });
        const wrong = await wrongModels(requests, await serveAll(server, requests, random), alone);
        const row = isSwapped ? 'two adapters swapped' : 'as they are';
        const outcome = wrong.length === 0 ? 'all as alone' : `wrong: ${wrong.join(', ')}`;
        const expected = isSwapped ? 'wrong: gpt2__ia3, gpt2__lora' : 'all as alone';
        return { row, outcome, ...(outcome !== expected && { fault: outcome }) };
      },
      end: () => alone.dispose(),
    };
  },
};

const registered = { count: 4000, numVirtualTokens: 60 };
const promptCacheBytes = 2 ** 20;
/**
 * Megabytes by which the process may grow while all are asked three times, which computes 370 MB of keys and values. V8
 * frees memory outside its heap late, in the engine's thread as well.
 */
const maxGrowth = 128;

async function manyPrompts(model: LanguageModel): Promise<Attempt> {
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
  const growth = (memory() - before) / 2 ** 20;
  const faults = [
    ...(most > promptCacheBytes ? [`${most} bytes of keys and values`] : []),
    ...(growth > maxGrowth ? [`${growth.toFixed(1)} MB more memory`] : []),
  ];
  const outcome = faults.join(', ') || 'within bounds';
  return { row: `${count} learned prompts`, outcome, ...(faults.length > 0 && { fault: outcome }) };
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

/** Of the process, after what can be collected has been. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage.rss();
}
