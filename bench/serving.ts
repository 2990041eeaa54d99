/** @file Times a server's engine: rows running together, and what a joining row costs the others. */
import type { Adapter } from '../src/attach/method.js';
import { methodNamed } from '../src/methods/registry.js';
import type { LanguageModel } from '../src/models/model.js';
import { seededRandom } from '../src/random.js';
import type { Engine } from '../src/serving/index.js';
import type { Tokenizer } from '../src/text/tokenizer.js';

/** Requests are token ids, and their text is not read. */
export const silentTokenizer = ({ config }: LanguageModel): Tokenizer => ({
  encode: () => [],
  decode: () => '',
  vocabSize: config.vocabSize,
  tokenOf: String,
  idOf: () => undefined,
});

/** An adapter with random numbers: its cost does not depend on their values. */
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

/** Soft prompts of the same shape with different numbers. */
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

/** When a request was sent and when each of its tokens came, in milliseconds. */
export interface Timeline {
  readonly sent: number;
  readonly tokens: readonly number[];
}

/** Seconds from the first request to the last token. */
export const secondsOfAll = (timelines: readonly Timeline[]): number =>
  (Math.max(...timelines.map(({ tokens }) => tokens.at(-1)!)) -
    Math.min(...timelines.map(({ sent }) => sent))) /
  1000;

/** Mean seconds between two tokens, of requests that run together. */
export function secondsPerToken(timelines: readonly Timeline[]): number {
  const gaps = timelines.map(({ tokens }) => (tokens.at(-1)! - tokens[0]!) / (tokens.length - 1));
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / 1000;
}

/** Milliseconds until each request's first token. */
export const firstTokens = (timelines: readonly Timeline[]): number[] =>
  timelines.map(({ sent, tokens }) => tokens[0]! - sent);

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

/** CPU seconds of all threads while `run` runs: with one thread, these hardly depend on other load of the machine. */
export async function cpuSecondsOf(run: () => Promise<unknown>): Promise<number> {
  const begin = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1e6;
}

/**
 * CPU seconds per step, from the cost of `steps` additional ones.
 * @param run generates the given number of tokens for each row
 */
export async function cpuSecondsPerStep(
  run: (maxNewTokens: number) => Promise<unknown>,
  steps: number,
): Promise<number> {
  const short = await cpuSecondsOf(() => run(2));
  return ((await cpuSecondsOf(() => run(2 + steps))) - short) / steps;
}

/** The quantile of `values` at `share`, between 0 and 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
