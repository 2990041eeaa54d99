/**
 * @file Who waits for whom. Time is counted in decoding steps, which a request that never ends counts: so the figures
 *   are the same on a machine that has other work.
 */
import type { Adapter } from '../../../src/attach/method.js';
import type { LanguageModel } from '../../../src/models/model.js';
import { createEngine, type EngineOptions } from '../../../src/serving/index.js';
import { characterTokenizer, learned } from '../../../test/serving/adapters.js';
import { read } from '../../../test/serving/mixed.js';
import type { Attempt } from '../campaign.js';
import { attemptOf } from './outcome.js';

const newTokens = 16;
const politeRequests = 40;

/** A key with 64 requests at once, and one with a request at a time. */
export async function floodingKey(model: LanguageModel): Promise<Attempt> {
  await using engine = await steppedEngine(model, {});
  const polite = () => engine.ask({ client: 'polite' });
  const alone = await stepsOf(politeRequests, polite);
  const stop = flood(64, () => engine.ask({ client: 'flood' }));
  const crowded = await stepsOf(politeRequests, polite);
  const faults = await stop();
  if (crowded > 2 * alone) faults.push(`99 % within ${crowded} steps, ${alone} without the other key`);
  return attemptOf('a key that floods the server', faults);
}

const slots = 3;
/** A request is passed over so often at most, until the longest of the others' requests has ended. */
const mostSteps = 64 + 2 * newTokens;

/** One adapter more than there are slots, while requests for the others never end. */
export async function moreAdaptersThanSlots(model: LanguageModel): Promise<Attempt> {
  const adapters: Record<string, Adapter> = {};
  for (let i = 0; i <= slots; i++) adapters[`lora-${i}`] = await learned(model, 'lora', { r: 2 }, i);
  await using engine = await steppedEngine(model, { adapters, maxLoras: slots });
  let next = 0;
  const stop = flood(4 * slots, () => engine.ask({ model: `lora-${next++ % slots}` }));
  const steps = await stepsOf(politeRequests / 4, () => engine.ask({ model: `lora-${slots}` }));
  const faults = await stop();
  if (steps > mostSteps) faults.push(`the rare adapter takes ${steps} steps`);
  return attemptOf(`${slots + 1} adapters in ${slots} slots`, faults);
}

/** An engine whose requests count steps. */
async function steppedEngine(model: LanguageModel, options: Partial<EngineOptions>) {
  const engine = await createEngine({ model, tokenizer: characterTokenizer, maxRows: 5, ...options });
  let steps = 0;
  const end = new AbortController();
  const counted = (async () => {
    const endless = { maxNewTokens: model.config.maxPositions, eosTokenId: [] };
    for (;;) {
      const request = { prompt: [1], options: endless, client: 'clock', signal: end.signal };
      for await (const _ of await engine.submit(request)) steps++;
    }
  })().catch(() => {}); // canceled at the end
  return {
    /** The steps that a request takes until its answer is there. */
    async ask(whose: { client?: string; model?: string }): Promise<number> {
      const begin = steps;
      const options = { maxNewTokens: newTokens, eosTokenId: [] };
      await read(engine.submit({ ...whose, prompt: [5, 17, 40], options }));
      return steps - begin;
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      await counted;
      await engine.dispose();
    },
  };
}

/** The 99 % quantile of several requests, one after the other. */
async function stepsOf(count: number, ask: () => Promise<number>): Promise<number> {
  const steps: number[] = [];
  for (let i = 0; i < count; i++) steps.push(await ask());
  return steps.sort((a, b) => a - b)[Math.ceil(0.99 * count) - 1]!;
}

/** Keeps so many requests under way, until it is stopped. Returns their faults. */
function flood(count: number, ask: () => Promise<unknown>): () => Promise<string[]> {
  let isOver = false;
  const faults: string[] = [];
  const running = Array.from({ length: count }, async () => {
    while (!isOver) await ask().catch((error: Error) => faults.push(error.message));
  });
  return async () => {
    isOver = true;
    await Promise.all(running);
    return faults;
  };
}
