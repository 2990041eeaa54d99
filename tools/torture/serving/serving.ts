/**
 * @file A server under requests that come at random, adapters that change, clients that leave, and more of all than it
 *   has room for.
 */
import type { LanguageModel } from '../../../src/models/model.js';
import type { Random } from '../../../src/random.js';
import { loadTinyGpt2, makeGpt2 } from '../../../test/support/tiny-gpt2.js';
import type { Attempt, Campaign } from '../campaign.js';
import { clientsWhoLeave, clientsWhoStopReading, longest } from './cancels.js';
import { floodingKey, moreAdaptersThanSlots } from './fairness.js';
import { manyPrompts } from './many-prompts.js';
import { MixedRequests, requestsPerAttempt } from './mixed-requests.js';
import { reloadsUnderLoad } from './reloads.js';

export const serving: Campaign = {
  about: `a server: ${requestsPerAttempt} requests at random for adapters of all kinds; reloads, clients that leave, floods`,
  defaultCount: 12,
  isParallel: false,
  async start(folder) {
    const model = await loadTinyGpt2();
    // As small as a model can be, with room for long texts.
    const long: LanguageModel = await makeGpt2(`${folder}/long`, {
      ...{ vocab_size: 96, n_embd: 8, n_layer: 1, n_head: 1, n_positions: longest + 100 },
    });
    const mixed = await MixedRequests.create(model);
    const scenarios: readonly ((random: Random) => Promise<Attempt>)[] = [
      ...Array.from({ length: 5 }, () => (random: Random) => mixed.attempt(random, false)),
      (random) => mixed.attempt(random, true),
      () => manyPrompts(model),
      (random) => reloadsUnderLoad(model, random),
      () => clientsWhoLeave(long),
      () => clientsWhoStopReading(long),
      () => floodingKey(long),
      () => moreAdaptersThanSlots(long),
    ];
    return {
      attempt: (number, random) => scenarios[number % scenarios.length]!(random),
      end: () => mixed.dispose(),
    };
  },
};
