/**
 * @file Requests of many kinds that come at random, half of them over HTTP, get what each gets alone, and what PEFT
 *   generates.
 *   `npm run torture -- serving` does it with all kinds and more requests.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/attach/method.js';
import type { LanguageModel } from '../../src/models/model.js';
import { seededRandom } from '../../src/random.js';
import { createServer } from '../../src/serving/index.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { adaptersOfAllKinds, characterTokenizer } from './adapters.js';
import {
  Alone,
  base,
  goldenRequests,
  type MixedRequest,
  randomRequest,
  serveAll,
  tightLimits,
  wrongModels,
} from './mixed.js';

useWarmRuntime();

/** Those of the kinds that need no golden case to be compared with. */
const kinds = ['placed', 'each', 'late', 'dora', 'parallel', 'composed'];

let model: LanguageModel;
let adapters: Record<string, Adapter>;
let golden: MixedRequest[];
let alone: Alone;

beforeAll(async () => {
  model = await loadTinyGpt2();
  const all = await adaptersOfAllKinds(model);
  const { adapters: ofCases, requests } = await goldenRequests(model);
  golden = requests;
  adapters = { ...Object.fromEntries(kinds.map((kind) => [kind, all[kind]!])), ...ofCases };
  alone = new Alone(model, adapters);
});
afterAll(() => alone.dispose());

/** Random requests for some kinds, and those of all golden cases among them. */
function mixed(seed: number, count: number): MixedRequest[] {
  const random = seededRandom(seed);
  const requests = Array.from({ length: count }, (_, i) => randomRequest(random, [base, ...kinds], i));
  for (const request of golden) requests.splice(random.below(requests.length), 0, request);
  return requests;
}

async function wrongOf(
  served: Record<string, Adapter>,
  requests: readonly MixedRequest[],
): Promise<string[]> {
  await using server = await createServer({
    ...{ model, tokenizer: characterTokenizer, adapters: served, port: 0 },
    ...tightLimits,
  });
  const answers = await serveAll(server, requests, seededRandom(9));
  const { engine } = server;
  await engine.drain();
  expect(engine.stats()).toMatchObject({ running: 0, waiting: 0, finished: requests.length, failed: 0 });
  expect(engine.stats().keptPrompts).toBeGreaterThan(0);
  expect(engine.stats().keptPromptBytes).toBeLessThanOrEqual(tightLimits.promptCacheBytes);
  return wrongModels(requests, answers, alone);
}

describe('a server of adapters of many kinds', () => {
  it('gives requests that come at random what each gets alone, and what PEFT generates', async () => {
    const methods = new Set(golden.map(({ model: name }) => adapters[name]!.method));
    expect(methods.has('cpt')).toBe(true);
    expect(methods.size).toBeGreaterThanOrEqual(8);
    const requests = mixed(1, 40);
    expect(requests.filter(({ isOverHttp, golden }) => isOverHttp && !golden).length).toBeGreaterThan(10);
    expect(await wrongOf(adapters, requests)).toEqual([]);
  });

  it('would be caught if adapters had changed places', async () => {
    const { dora, composed, gpt2__lora: lora, gpt2__cpt: cpt } = adapters as Record<string, Adapter>;
    const swapped = { ...adapters, dora: composed!, composed: dora!, gpt2__lora: cpt!, gpt2__cpt: lora! };
    expect(await wrongOf(swapped, mixed(2, 20))).toEqual(['composed', 'dora', 'gpt2__cpt', 'gpt2__lora']);
  });
});
