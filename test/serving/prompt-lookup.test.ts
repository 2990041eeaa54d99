/**
 * @file Guesses from a row's own text change no token of a server's rows, and are made only while every running row has
 *   asked for them.
 */
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Adapter } from '../../src/attach/method.js';
import type { GenerationOptions } from '../../src/generation/options.js';
import type { LanguageModel } from '../../src/models/model.js';
import { seededRandom } from '../../src/random.js';
import { RowDecoder } from '../../src/serving/engine/row-decoder.js';
import { createEngine, type Engine } from '../../src/serving/index.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { characterTokenizer, learned } from './adapters.js';
import { Alone, base, type MixedRequest } from './mixed.js';

useWarmRuntime();

let model: LanguageModel;
let adapters: Record<string, Adapter>;
let alone: Alone;
beforeAll(async () => {
  model = await loadTinyGpt2();
  adapters = {
    soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }),
    lora: await learned(model, 'lora', { r: 2 }),
  };
  alone = new Alone(model, adapters);
});
afterAll(() => alone.dispose());

let engine: Engine;
const widths: number[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  widths.length = 0;
  await engine.dispose();
});

async function start(promptLookupNumTokens?: number) {
  const { step } = RowDecoder.prototype;
  vi.spyOn(RowDecoder.prototype, 'step').mockImplementation(function (this: RowDecoder, tokens, candidates) {
    widths.push(Math.max(...tokens.map(({ length }) => length)));
    return step.call(this, tokens, candidates);
  });
  engine = await createEngine({ model, tokenizer: characterTokenizer, adapters, promptLookupNumTokens });
}

/** Requests with texts that repeat a part of themselves, so that there is something to guess. */
function repeatingRequests(options: GenerationOptions): MixedRequest[] {
  const random = seededRandom(5);
  return [base, 'soft', 'lora', base, 'soft'].map((name, i) => {
    const part = Array.from({ length: 3 + i }, () => random.below(model.config.vocabSize));
    const prompt = [...part, random.below(model.config.vocabSize), ...part];
    return { model: name, prompt, options: { maxNewTokens: 10 + 5 * i, eosTokenId: [], ...options } };
  });
}

/** What each gets without guesses and without the others. */
async function aloneIds(requests: readonly MixedRequest[]) {
  const ids: (readonly number[] | undefined)[] = [];
  for (const { options, ...request } of requests) {
    const { promptLookupNumTokens: _, ...plain } = options;
    ids.push((await alone.answer({ ...request, options: plain })).ids);
  }
  return ids;
}

async function idsOf(request: MixedRequest): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of await engine.submit(request)) ids.push(id);
  return ids;
}

it.each<GenerationOptions>([{}, { temperature: 0.1, topK: 0, seed: 3 }, { repetitionPenalty: 1.1 }])(
  'rows together get what each gets alone without guesses: %j',
  async (options) => {
    await start(6);
    const requests = repeatingRequests(options);
    expect(await Promise.all(requests.map(idsOf))).toEqual(await aloneIds(requests));
    expect(Math.max(...widths)).toBeGreaterThan(1);
    expect(Math.max(...widths)).toBeLessThanOrEqual(1 + 6);
  },
);

it('a row that asked for none waits for no guesses of others', async () => {
  await start();
  const [first, ...others] = repeatingRequests({ promptLookupNumTokens: 6 });
  const plain = { ...first!, options: { maxNewTokens: 40, eosTokenId: [] } };
  const requests = [plain, ...others];
  expect(await Promise.all(requests.map(idsOf))).toEqual(await aloneIds(requests));
  expect(new Set(widths)).toEqual(new Set([1]));
});
