/**
 * @file A server under requests that come at random. For adapters of all kinds, half of them over HTTP: each must get
 *   what it gets alone, and what PEFT generates; in every sixth attempt, two adapters are in each other's place, which
 *   must be noticed. And for thousands of learned prompts: their keys and values, and the process, keep their bounds.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Adapter } from '../../src/attach/method.js';
import type { LanguageModel } from '../../src/models/model.js';
import type { Random } from '../../src/random.js';
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
        if (number % 7 === 6) return manyPrompts(model, random);
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

/** With vectors of 32 numbers each; keys and values of all would take 40 MB. */
const registered = { count: 2000, numVirtualTokens: 40 };
const promptCacheBytes = 2 ** 20;
/** Megabytes by which the process may grow once it is warm. */
const maxGrowth = 16;

async function manyPrompts(model: LanguageModel, random: Random): Promise<Attempt> {
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
  await ask(engine, random, 3000);
  const before = memory();
  const most = await ask(engine, random, 3000);
  const growth = (memory() - before) / 2 ** 20;
  const faults = [
    ...(most > promptCacheBytes ? [`${most} bytes of keys and values`] : []),
    ...(growth > maxGrowth ? [`${growth.toFixed(1)} MB more memory`] : []),
  ];
  const outcome = faults.join(', ') || 'within bounds';
  return { row: `${count} learned prompts`, outcome, ...(faults.length > 0 && { fault: outcome }) };
}

/** Asks random prompts, some at once. Returns the most bytes of keys and values that were kept. */
async function ask(engine: Engine, random: Random, requests: number): Promise<number> {
  let most = 0;
  for (let done = 0; done < requests; done += 20) {
    const models = Array.from({ length: 20 }, () => `soft-${random.below(registered.count)}`);
    const options = { maxNewTokens: 2, eosTokenId: [] };
    await Promise.all(models.map((id) => read(engine.submit({ model: id, prompt: [1, 2], options }))));
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
