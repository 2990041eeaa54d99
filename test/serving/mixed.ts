/**
 * @file Requests of all kinds that come at random, and what each of them gets alone: from `generate` with its adapter
 *   and no other, and from PEFT, transformers and AdapterHub for the golden cases.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import type { Adapter } from '../../src/attach/method.js';
import { readSafetensorsHeader, readTensor } from '../../src/formats/safetensors.js';
import type { Decoder } from '../../src/generation/decoder.js';
import { endTokensOf } from '../../src/generation/end-tokens.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import type { GenerationOptions } from '../../src/generation/options.js';
import type { LanguageModel } from '../../src/models/model.js';
import type { Random } from '../../src/random.js';
import type { Engine, EngineRequest, Server } from '../../src/serving/index.js';
import { decodeOf } from '../../src/text/text-stream.js';
import { tinyGpt2Folder } from '../support/tiny-gpt2.js';
import { characterTokenizer } from './adapters.js';

export const base = 'tiny-gpt2';

/** A request whose answer is known before: by computing it alone, or from a golden case. */
export interface MixedRequest extends EngineRequest {
  readonly prompt: readonly number[];
  readonly model: string;
  readonly options: GenerationOptions;
  /** The first new ids that the reference implementation generates. */
  readonly golden?: readonly number[];
  /** Sent to the port of a server, where its options have the API's names. */
  readonly isOverHttp?: boolean;
}

export interface Answer {
  /** An answer over HTTP has none. */
  readonly ids?: readonly number[];
  text: string;
  finishReason?: string;
}

const goldenFolder = join(tinyGpt2Folder, '../..');

/** Adapters of the golden cases of the tiny GPT-2 that can be served, and a request for each with its ids. */
export async function goldenRequests(
  model: LanguageModel,
): Promise<{ adapters: Record<string, Adapter>; requests: MixedRequest[] }> {
  const adapters: Record<string, Adapter> = {};
  const requests: MixedRequest[] = [];
  for (const name of (await readdir(goldenFolder)).sort()) {
    const folder = join(goldenFolder, name, 'adapter');
    if (!name.startsWith('gpt2__') || !existsSync(folder)) continue;
    const file = await readSafetensorsHeader(join(goldenFolder, name, 'expected.safetensors'));
    const numbers = async (tensor: string) =>
      Array.from((await readTensor(file, tensor)).data as BigInt64Array, Number);
    if (!file.tensors.has('greedy_row0')) continue;
    const loaded = await loadAdapter(folder, model);
    if (loaded.head) continue;
    adapters[name] = loaded.tasks ? loaded.tasks.adapterFor((await numbers('task_ids'))[0]!) : loaded;
    const [, columns] = file.tensors.get('input_ids')!.shape;
    const mask = (await numbers('attention_mask')).slice(0, columns);
    const prompt = (await numbers('input_ids')).slice(0, columns).filter((_, i) => mask[i] === 1);
    const golden = (await numbers('greedy_row0')).slice(prompt.length);
    requests.push({
      ...{ model: name, prompt, golden, isOverHttp: true },
      options: { maxNewTokens: golden.length, eosTokenId: [] },
    });
  }
  return { adapters, requests };
}

export class Alone {
  readonly #model: LanguageModel;
  readonly #adapters: Readonly<Record<string, Adapter>>;
  readonly #decoders = new Map<string, Decoder>();

  constructor(model: LanguageModel, adapters: Readonly<Record<string, Adapter>>) {
    this.#model = model;
    this.#adapters = adapters;
  }

  async answer(request: MixedRequest): Promise<Answer> {
    const { model: name } = request;
    const isLearned = name !== base;
    const [row] = await generate(await this.#decoder(name), [request.prompt], {
      eosTokenId: endTokensOf(this.#model, characterTokenizer)({ isLearned, isTurn: false }),
      ...request.options,
      firstRow: request.seedRow,
      decode: decodeOf(characterTokenizer),
    });
    const { ids, text, finishReason } = row!;
    return { ids: [...ids], text, finishReason };
  }

  async #decoder(name: string): Promise<Decoder> {
    const known = this.#decoders.get(name);
    if (known) return known;
    const decoder = await createModelDecoder({ model: this.#model, adapter: this.#adapters[name] });
    this.#decoders.set(name, decoder);
    return decoder;
  }

  async dispose(): Promise<void> {
    for (const decoder of this.#decoders.values()) await decoder.dispose();
  }
}

export function randomRequest(random: Random, names: readonly string[], i: number): MixedRequest {
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
  const options = { maxNewTokens: 3 + random.below(10), ...kinds[random.below(kinds.length)] };
  const request = {
    ...{ model: name, options },
    prompt: name === 'placed' ? [96, 97, ...text, 98, 99, 100] : text,
  };
  // Over HTTP, no end tokens can be named, and a request's only continuation has the first stream of its seed.
  if (random.below(2) === 0 && !options.eosTokenId) return { ...request, isOverHttp: true };
  return { ...request, seedRow: random.below(3), client: `client ${random.below(3)}` };
}

/** The answer of `/v1/completions`, whole or in a stream. */
async function readOverHttp(url: string, request: MixedRequest, stream: boolean): Promise<Answer> {
  const { model, prompt, options } = request;
  const body = {
    ...{ model, prompt, stream, max_tokens: options.maxNewTokens, min_tokens: options.minNewTokens },
    ...{
      temperature: options.temperature ?? 0,
      top_k: options.topK,
      top_p: options.topP,
      seed: options.seed ?? 0,
    },
    ...{ stop: options.stop, ignore_eos: options.eosTokenId !== undefined, logit_bias: options.logitBias },
    ...{ repetition_penalty: options.repetitionPenalty, presence_penalty: options.presencePenalty },
    frequency_penalty: options.frequencyPenalty,
  };
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  const events = stream ? text.split('\n').filter((line) => line.startsWith('data: {')) : [text];
  const choices = events.map((event) => JSON.parse(event.replace(/^data: /, '')).choices[0]);
  return {
    text: choices.map((choice) => choice.text).join(''),
    finishReason: choices.at(-1).finish_reason,
  };
}

export async function read(generation: ReturnType<Engine['submit']>): Promise<Answer> {
  const ids: number[] = [];
  const answer: Answer = { ids, text: '' };
  for await (const { id, text, finishReason } of await generation) {
    ids.push(id);
    answer.text += text;
    answer.finishReason = finishReason;
  }
  return answer;
}

/** Submits one after the other, with a random number of turns of the event loop between. */
export async function serveAll(
  { engine, url }: Pick<Server, 'engine' | 'url'>,
  requests: readonly MixedRequest[],
  random: Random,
): Promise<Answer[]> {
  const results: Promise<Answer>[] = [];
  for (const request of requests) {
    const isStream = random.below(2) === 0;
    results.push(request.isOverHttp ? readOverHttp(url, request, isStream) : read(engine.submit(request)));
    for (let turns = random.below(12); turns > 0; turns--) await new Promise((next) => setImmediate(next));
  }
  return Promise.all(results);
}

/** The models whose answers are not those that they give alone, nor those of the reference. */
export async function wrongModels(
  requests: readonly MixedRequest[],
  answers: readonly Answer[],
  alone: Alone,
): Promise<string[]> {
  const wrong = new Set<string>();
  for (const [i, request] of requests.entries()) {
    const { ids, text, finishReason } = answers[i]!;
    const { golden } = request;
    const expected: Answer = golden ? { ids: golden, text: textOf(golden) } : await alone.answer(request);
    const isSame =
      text === expected.text &&
      (!ids || String(ids) === String(expected.ids)) &&
      (golden !== undefined || finishReason === (ids ? expected.finishReason : apiReason(expected)));
    if (!isSame) wrong.add(request.model);
  }
  return [...wrong].sort();
}

const textOf = (ids: readonly number[]) => characterTokenizer.decode(ids);
const apiReason = ({ finishReason }: Answer) => (finishReason === 'length' ? 'length' : 'stop');

/** Fewer slots than adapters that need one, room for few prompts, and prefill in small pieces. */
export const tightLimits = {
  maxRows: 7,
  maxWaiting: 1000,
  maxLoras: 3,
  promptCacheBytes: 12_000,
  prefillTokens: 7,
};
