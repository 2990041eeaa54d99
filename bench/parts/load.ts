/** @file `load`: a server over HTTP under requests that come at random: below what it can do, and ten times as many. */
import { fork } from 'node:child_process';
import { loadModel } from '../../src/loading/load-model.js';
import { createServer } from '../../src/serving/index.js';
import { randomPrompts } from '../decoding.js';
import type { Load, Served } from '../open-loop.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import { promptsLike, quantile, randomAdapter, silentTokenizer } from '../serving.js';

const maxTokens = 16;
const promptLength = 32;
const maxRows = 8;

export const load: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  // A letter for each token, so that each is an event.
  const tokenizer = {
    ...silentTokenizer(model),
    decode: (ids: Iterable<number>) => 'x'.repeat([...ids].length),
  };
  const soft = await randomAdapter(model, 'prompt-tuning', { numVirtualTokens: 20 }, 1);
  const adapters = Object.fromEntries(promptsLike(soft, 8).map((adapter, i) => [`soft-${i}`, adapter]));
  const server = await createServer({
    ...{ model, tokenizer, adapters, maxRows, port: 0 },
    maxWaiting: 16, // what waits is served within two seconds or so
  });
  const prompt = randomPrompts(model, 1, promptLength)[0]!;
  const run = (rate: number, seconds: number, seed: number) =>
    served({ url: server.url, rate, seconds, seed, models: Object.keys(adapters), prompt, maxTokens });

  await run(1, 2, 1); // computes the learned prompts
  const peak = goodput(await run(40, 15, 2), 15); // as much as it can do: the line is never empty
  const calm = await run((0.7 * peak) / maxTokens, 30, 3);
  const many = await run((10 * peak) / maxTokens, 20, 4);
  await server.close();

  const first = calm.filter(isAccepted).map(({ due, tokens }) => tokens[0]! - due);
  const between = calm.flatMap(({ tokens }) => tokens.slice(1).map((time, i) => time - tokens[i]!));
  const rejections = many.filter(({ status }) => status === 503).map(({ due, end }) => end - due);
  const failed = [...calm, ...many].filter(({ status }) => status === 0).length;
  const lost = [...calm, ...many].filter((each) => isAccepted(each) && !isFull(each)).length;
  const row = (name: string, each: readonly Served[], seconds: number): Row => ({
    case: name,
    requests: each.length,
    'tokens/s': goodput(each, seconds),
    rejected: each.filter(({ status }) => status === 503).length,
  });
  const times = (name: string, values: readonly number[]): Row => ({
    case: name,
    'p50 ms': quantile(values, 0.5),
    'p99 ms': quantile(values, 0.99),
  });
  return {
    rows: [
      row('70 % of what it can do', calm, 30),
      row('10 × what it can do', many, 20),
      times('70 %: until the first token', first),
      times('70 %: between two tokens', between),
      times('10 ×: until a rejection', rejections),
    ],
    targets: [
      {
        name: '10 × overload: share of the peak',
        value: (100 * goodput(many, 20)) / peak,
        unit: '%',
        atLeast: 95,
      },
      {
        name: '10 × overload: 99 % of rejections',
        value: quantile(rejections, 0.99),
        unit: 'ms',
        atMost: 50,
      },
      {
        name: 'accepted requests that were lost, and connections',
        value: lost + failed,
        unit: '',
        atMost: 0,
      },
    ],
    notes: [
      `8 soft prompts of 20, ${promptLength} tokens of prompt, ${maxTokens} new ones, ${maxRows} rows, mapped float32.`,
      'Requests come at random moments that are fixed before (Poisson), from a process of its own; times count from those.',
    ],
  };
};

function served(load: Load): Promise<Served[]> {
  const child = fork(new URL('../open-loop-once.js', import.meta.url), [JSON.stringify(load)], {
    execArgv: [],
  });
  return new Promise((done, fail) => {
    child.once('message', (message) => done(message as Served[]));
    child.once('exit', (code) => fail(new Error(`the load ended with code ${code}`)));
  });
}

const isAccepted = ({ status }: Served) => status === 200;
const isFull = ({ isWhole, tokens }: Served) => isWhole && tokens.length === maxTokens;

/** Tokens per second that came within the time of the load, of requests that were answered whole. */
const goodput = (each: readonly Served[], seconds: number): number =>
  each
    .filter(isFull)
    .flatMap(({ tokens }) => tokens)
    .filter((time) => time <= seconds * 1000).length / seconds;
