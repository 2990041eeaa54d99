/** @file Requests at random for adapters of all kinds: each gets what it gets alone, and what PEFT generates. */
import type { Adapter } from '../../../src/attach/method.js';
import type { LanguageModel } from '../../../src/models/model.js';
import type { Random } from '../../../src/random.js';
import { createServer } from '../../../src/serving/index.js';
import { adaptersOfAllKinds, characterTokenizer } from '../../../test/serving/adapters.js';
import {
  Alone,
  base,
  goldenRequests,
  type MixedRequest,
  randomRequest,
  serveAll,
  tightLimits,
  wrongModels,
} from '../../../test/serving/mixed.js';
import type { Attempt } from '../campaign.js';

/** Random ones of an attempt; those of the golden cases come on top. */
export const requestsPerAttempt = 100;

export class MixedRequests {
  readonly #model: LanguageModel;
  readonly #adapters: Record<string, Adapter>;
  readonly #names: readonly string[];
  readonly #golden: readonly MixedRequest[];
  readonly #alone: Alone;

  private constructor(
    model: LanguageModel,
    own: Record<string, Adapter>,
    golden: Awaited<ReturnType<typeof goldenRequests>>,
  ) {
    this.#model = model;
    this.#adapters = { ...own, ...golden.adapters };
    this.#names = [base, ...Object.keys(own)];
    this.#golden = golden.requests;
    this.#alone = new Alone(model, this.#adapters);
  }

  static async create(model: LanguageModel): Promise<MixedRequests> {
    return new MixedRequests(model, await adaptersOfAllKinds(model), await goldenRequests(model));
  }

  /** @param isSwapped whether two adapters are in each other's place, which must be noticed */
  async attempt(random: Random, isSwapped: boolean): Promise<Attempt> {
    const requests = Array.from({ length: requestsPerAttempt }, (_, i) =>
      randomRequest(random, this.#names, i),
    );
    for (const request of this.#golden) requests.splice(random.below(requests.length), 0, request);
    const { gpt2__lora: lora, gpt2__ia3: ia3 } = this.#adapters as Record<string, Adapter>;
    const places: Record<string, Adapter> = isSwapped
      ? { ...this.#adapters, gpt2__lora: ia3!, gpt2__ia3: lora! }
      : this.#adapters;
    await using server = await createServer({
      ...{ model: this.#model, tokenizer: characterTokenizer, adapters: places, port: 0 },
      ...tightLimits,
    });
    const wrong = await wrongModels(requests, await serveAll(server, requests, random), this.#alone);
    const row = isSwapped ? 'two adapters swapped' : 'as they are';
    const outcome = wrong.length === 0 ? 'all as alone' : `wrong: ${wrong.join(', ')}`;
    const expected = isSwapped ? 'wrong: gpt2__ia3, gpt2__lora' : 'all as alone';
    return { row, outcome, ...(outcome !== expected && { fault: outcome }) };
  }

  dispose(): Promise<void> {
    return this.#alone.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
