/**
 * @file Requests of all kinds that come at random get what each gets alone, from `generate` with its adapter and no
 * other.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/attach/method.js';
import type { Decoder } from '../../src/generation/decoder.js';
import { endTokensOf } from '../../src/generation/end-tokens.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import type { GenerationOptions } from '../../src/generation/options.js';
import { decodeOf } from '../../src/generation/text-stream.js';
import type { LanguageModel } from '../../src/models/model.js';
import { type Random, seededRandom } from '../../src/random.js';
import { createEngine, type Engine, type EngineRequest } from '../../src/serving/index.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { adaptersOfAllKinds, characterTokenizer } from './adapters.js';

useWarmRuntime();

const base = 'tiny-gpt2';
let model: LanguageModel;
let adapters: Record<string, Adapter>;
const alone = new Map<string, Decoder>();

beforeAll(async () => {
  model = await loadTinyGpt2();
  adapters = await adaptersOfAllKinds(model);
  alone.set(base, await createModelDecoder({ model }));
  for (const [name, adapter] of Object.entries(adapters))
    alone.set(name, await createModelDecoder({ model, adapter }));
});
afterAll(async () => {
  for (const decoder of alone.values()) await decoder.dispose();
});

type TextRequest = EngineRequest & { prompt: readonly number[]; model: string; options: GenerationOptions };

function randomRequest(random: Random, i: number): TextRequest {
  const names = [...alone.keys()];
  const kinds: GenerationOptions[] = [
    {},
    { temperature: 1.3, topK: 20, seed: i },
    { temperature: 1, topK: 0, topP: 0.9, seed: i },
    { stop: [String.fromCharCode(40 + random.below(80))] },
    { repetitionPenalty: 1.5 },
    { presencePenalty: 0.5, frequencyPenalty: 0.7, logitBias: { 60: 4, 7: -50 }, temperature: 0.8, topK: 0 },
    { minNewTokens: 3, eosTokenId: [5, 60] },
  ];
  const text = Array.from({ length: 1 + random.below(i % 7 === 0 ? 38 : 9) }, () => random.below(96));
  const name = names[random.below(names.length)]!;
  return {
    model: name,
    prompt: name === 'placed' ? [96, 97, ...text, 98, 99, 100] : text,
    options: { maxNewTokens: 3 + random.below(10), ...kinds[random.below(kinds.length)] },
    seedRow: random.below(3),
    client: `client ${random.below(3)}`,
  };
}

interface Served {
  readonly ids: number[];
  text: string;
  finishReason?: string;
}

async function read(engine: Engine, request: EngineRequest): Promise<Served> {
  const served: Served = { ids: [], text: '' };
  for await (const { id, text, finishReason } of await engine.submit(request)) {
    served.ids.push(id);
    served.text += text;
    served.finishReason = finishReason;
  }
  return served;
}

/** Submits one after the other, each when so many tokens were made that random turns have passed. */
async function serveAll(engine: Engine, requests: readonly TextRequest[], random: Random): Promise<Served[]> {
  const results: Promise<Served>[] = [];
  for (const request of requests) {
    results.push(read(engine, request));
    for (let turns = random.below(12); turns > 0; turns--) await new Promise((next) => setImmediate(next));
  }
  return Promise.all(results);
}

async function expected(request: TextRequest): Promise<Served> {
  const [row] = await generate(alone.get(request.model)!, [request.prompt], {
    eosTokenId: endTokensOf(model, characterTokenizer)({ isLearned: request.model !== base, isTurn: false }),
    ...request.options,
    firstRow: request.seedRow,
    decode: decodeOf(characterTokenizer),
  });
  const { ids, text, finishReason } = row!;
  return { ids: [...ids], text, finishReason };
}

/** Fewer slots than adapters that need one, room for few prompts, and prefill in small pieces. */
const limits = { maxRows: 7, maxWaiting: 160, maxLoras: 3, promptCacheBytes: 12_000, prefillTokens: 7 };

describe('a server of adapters of all kinds', () => {
  it('gives 160 requests that come at random what each gets alone', async () => {
    const engine = await createEngine({
      model,
      tokenizer: characterTokenizer,
      adapters,
      ...limits,
    });
    const random = seededRandom(1);
    const requests = Array.from({ length: 160 }, (_, i) => randomRequest(random, i));
    const results = await serveAll(engine, requests, random);
    for (const [i, request] of requests.entries())
      expect(results[i], `request ${i} of ${request.model}`).toEqual(await expected(request));
    expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, finished: 160, failed: 0, rejected: 0 });
    await engine.dispose();
  });

  it('would notice if two adapters were exchanged', async () => {
    const { lora, ia3, short, prefix } = adapters;
    const swapped = { ...adapters, lora: ia3!, ia3: lora!, short: prefix!, prefix: short! };
    const engine = await createEngine({ model, tokenizer: characterTokenizer, adapters: swapped, ...limits });
    const random = seededRandom(2);
    const requests = Array.from({ length: 60 }, (_, i) => randomRequest(random, i));
    const results = await serveAll(engine, requests, random);
    const wrong = new Set<string>();
    for (const [i, request] of requests.entries())
      if (String(results[i]!.ids) !== String((await expected(request)).ids)) wrong.add(request.model);
    expect([...wrong].sort()).toEqual(['ia3', 'lora', 'prefix', 'short']);
    await engine.dispose();
  });
});
