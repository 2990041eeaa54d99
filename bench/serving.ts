/** @file Timing a server's engine: rows at work together, and what one that joins costs the others. */
import type { Adapter } from '../src/attach/method.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import type { Engine } from '../src/serving/index.js';
import type { Tokenizer } from '../src/text/tokenizer.js';

/** Requests are token ids, and nobody reads the text. */
export const silentTokenizer = ({ config }: LanguageModel): Tokenizer => ({
  encode: () => [],
  decode: () => '',
  vocabSize: config.vocabSize,
  tokenOf: String,
  idOf: () => undefined,
});

/** An adapter with random numbers: what it costs does not depend on what it knows. */
export async function randomAdapter(
  model: LanguageModel,
  method: string,
  config: object,
  seed: number,
): Promise<Adapter> {
  const tokenizer = { encode: () => [1, 2, 3] };
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer, seed });
  const random = seededRandom(seed);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.02 * random.normal();
  return learner;
}

/** Many soft prompts like one, each with other numbers. */
export function promptsLike(prompt: Adapter, count: number): Adapter[] {
  return Array.from({ length: count }, (_, i) => {
    const random = seededRandom(i);
    const tensors = [...prompt.tensors].map(([name, tensor]) => {
      const data = tensor.data.map((value) => value + 0.02 * random.normal());
      return [name, { ...tensor, data }] as const;
    });
    return { ...prompt, tensors: new Map(tensors) };
  });
}

export interface TimedRequest {
  readonly model?: string;
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
}

/** When its request was sent, and when each of its tokens came, in milliseconds. */
export interface Timeline {
  readonly sent: number;
  readonly tokens: readonly number[];
}

/** Sends a request now, and reads it to its end. */
export async function timed(
  engine: Engine,
  { model, prompt, maxNewTokens }: TimedRequest,
): Promise<Timeline> {
  const sent = performance.now();
  const tokens: number[] = [];
  const options = { maxNewTokens, eosTokenId: [] };
  for await (const _ of await engine.submit({ model, prompt, options })) tokens.push(performance.now());
  return { sent, tokens };
}

/** Seconds of a step in which all of the requests get a token, once each has its first. */
export async function secondsPerStepOf(engine: Engine, requests: readonly TimedRequest[]): Promise<number> {
  const timelines = await Promise.all(requests.map((request) => timed(engine, request)));
  const begin = Math.max(...timelines.map(({ tokens }) => tokens[0]!));
  const rows = timelines.map(({ tokens }) => {
    const after = tokens.filter((time) => time > begin);
    return (after.at(-1)! - begin) / after.length;
  });
  return rows.reduce((sum, row) => sum + row, 0) / rows.length / 1000;
}

/** The value below which so large a share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
