/**
 * @file Requests for adapters of all kinds that come at random at one engine: each must get what it gets alone, and
 *   what PEFT generates. Every last attempt of five has two adapters in each other's place, which must be noticed.
 */
import type { Adapter } from '../../src/attach/method.js';
import { createEngine } from '../../src/serving/index.js';
import { adaptersOfAllKinds, characterTokenizer } from '../../test/serving/adapters.js';
import {
  Alone,
  base,
  goldenRequests,
  randomRequest,
  serveAll,
  tightLimits,
  wrongModels,
} from '../../test/serving/mixed.js';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import type { Campaign } from './campaign.js';

/** Random ones of an attempt; those of the golden cases come on top. */
const requestsPerAttempt = 100;

export const serving: Campaign = {
  about: `one server, adapters of all kinds: ${requestsPerAttempt} requests at random, mixed = alone`,
  defaultCount: 6,
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
        const isSwapped = number % 6 === 5;
        const requests = Array.from({ length: requestsPerAttempt }, (_, i) =>
          randomRequest(random, names, i),
        );
        for (const request of golden.requests) requests.splice(random.below(requests.length), 0, request);
        const places: Record<string, Adapter> = isSwapped
          ? { ...adapters, gpt2__lora: adapters.gpt2__ia3!, gpt2__ia3: adapters.gpt2__lora! }
          : adapters;
        await using engine = await createEngine({
          ...{ model, tokenizer: characterTokenizer, adapters: places },
          ...tightLimits,
        });
        const wrong = await wrongModels(requests, await serveAll(engine, requests, random), alone);
        const row = isSwapped ? 'two adapters swapped' : 'as they are';
        const outcome = wrong.length === 0 ? 'all as alone' : `wrong: ${wrong.join(', ')}`;
        const expected = isSwapped ? 'wrong: gpt2__ia3, gpt2__lora' : 'all as alone';
        return { row, outcome, ...(outcome !== expected && { fault: outcome }) };
      },
      end: () => alone.dispose(),
    };
  },
};
