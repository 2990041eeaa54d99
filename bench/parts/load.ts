/** @file `load`: a server over HTTP under requests that come at random: below what it can do, and ten times as many. */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { loadModel } from '../../src/loading/load-model.js';
import { createServer, type Server } from '../../src/serving/index.js';
import { randomPrompts } from '../decoding.js';
import { timesOf } from '../measure.js';
import type { Load, Served } from '../open-loop.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import { cpuSecondsOf, promptsLike, quantile, randomAdapter, silentTokenizer } from '../serving.js';

const maxTokens = 16;
const promptLength = 32;
const maxRows = 8;
/** So much above 1 that the line is never empty; what is refused costs a fraction of a millisecond. */
const full = 2.5;
const turns = 3;
const turnSeconds = 8;
/** A median of short floods says what the server can do: the speed of a machine swings, and of a busy one the most. */
const floods = 3;
const floodSeconds = 4;
/** Requests per second, more than any machine answers. */
const flood = 40;
const calmSeconds = 10;
const name = { calm: '70 % of what it can do', full: '2.5 × what it can do', many: '10 × what it can do' };

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
    // The clients have a machine of their own elsewhere. Here, they and the server's HTTP have a core.
    threads: Math.max(1, availableParallelism() - 1),
    maxWaiting: 16, // what waits is served within two seconds or so
  });
  const prompt = randomPrompts(model, 1, promptLength)[0]!;
  const models = Object.keys(adapters);
  let seed = 0;
  const run = (rate: number, seconds: number) =>
    phase(server, { url: server.url, rate, seconds, seed: ++seed, models, prompt, maxTokens });

  await run(1, 2); // computes the learned prompts
  const requestsPerSecond = async () => {
    const rates: number[] = [];
    for (let i = 0; i < floods; i++) rates.push((await run(flood, floodSeconds)).goodput / maxTokens);
    return timesOf(rates).median;
  };
  let perSecond = 0;
  const calms: Phase[] = [];
  for (let turn = 0; turn < turns; turn++) {
    perSecond = await requestsPerSecond();
    calms.push(await run(0.7 * perSecond, calmSeconds));
  }
  const fulls: Phase[] = [];
  const manies: Phase[] = [];
  for (let turn = 0; turn < turns; turn++) {
    fulls.push(await run(full * perSecond, turnSeconds));
    manies.push(await run(10 * perSecond, turnSeconds));
  }
  await server.close();

  const all = [...calms, ...fulls, ...manies].flatMap(({ served }) => served);
  const calm = calms.flatMap(({ served }) => served);
  const first = calm.filter(isAccepted).map(({ due, tokens }) => tokens[0]! - due);
  const between = calm.flatMap(({ tokens }) => tokens.slice(1).map((time, i) => time - tokens[i]!));
  const rejections = manies.flatMap(({ served }) =>
    served.filter(isRefused).map(({ due, end }) => end - due),
  );
  const failed = all.filter(({ status }) => status === 0).length;
  const lost = all.filter((each) => isAccepted(each) && !isFull(each)).length;
  const times = (name: string, values: readonly number[]): Row => ({
    case: name,
    'p50 ms': quantile(values, 0.5),
    'p99 ms': quantile(values, 0.99),
  });
  const share = (of: (phases: readonly Phase[]) => number) => (100 * of(manies)) / of(fulls);
  return {
    rows: [
      row(name.calm, calms),
      row(name.full, fulls),
      row(name.many, manies),
      times('70 %: until the first token', first),
      times('70 %: between two tokens', between),
      times('10 ×: until a rejection', rejections),
    ],
    targets: [
      { name: '10 × overload: share of the peak', value: share(goodputOf), unit: '%', atLeast: 95 },
      {
        name: "10 × overload: share of the peak's tokens per CPU second",
        value: share(tokensPerCpuSecond),
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
      `What it can do is the median of ${floods} floods of ${floodSeconds} s, before each of ${turns} turns of ${calmSeconds} s at 70 %. With all ${maxRows} rows at work, those were a full load.`,
      `The peak is that at ${full} ×, where the line is never empty; it and ten times as many take turns. CPU time is the server's alone.`,
    ],
  };
};

/** A load, and what the server did meanwhile. */
interface Phase {
  readonly served: readonly Served[];
  /** Tokens per second that came within the time of the load, of requests that were answered whole. */
  readonly goodput: number;
  /** Of the server's process, until the last answer. */
  readonly cpuSeconds: number;
  readonly newTokens: number;
  /** Rows at work, on average over the time of the load. */
  readonly rows: number;
}

async function phase({ engine }: Server, load: Load): Promise<Phase> {
  const before = engine.stats().newTokens;
  const running: number[] = [];
  const sampling = setInterval(() => running.push(engine.stats().running), 20);
  const end = setTimeout(() => clearInterval(sampling), load.seconds * 1000);
  let served: Served[] = [];
  const cpuSeconds = await cpuSecondsOf(async () => {
    served = await answersTo(load);
  });
  clearTimeout(end);
  clearInterval(sampling);
  const tokens = served.filter(isFull).flatMap(({ tokens }) => tokens);
  return {
    served,
    goodput: tokens.filter((time) => time <= load.seconds * 1000).length / load.seconds,
    cpuSeconds,
    newTokens: engine.stats().newTokens - before,
    rows: mean(running),
  };
}

function answersTo(load: Load): Promise<Served[]> {
  const child = fork(new URL('../open-loop-once.js', import.meta.url), [JSON.stringify(load)], {
    execArgv: [],
  });
  return new Promise((done, fail) => {
    child.once('message', (message) => done(message as Served[]));
    child.once('exit', (code) => fail(new Error(`the load ended with code ${code}`)));
  });
}

function row(name: string, phases: readonly Phase[]): Row {
  const served = phases.flatMap((phase) => phase.served);
  return {
    case: name,
    requests: served.length,
    rejected: served.filter(isRefused).length,
    'rows at work': mean(phases.map(({ rows }) => rows)),
    'tokens/s': goodputOf(phases),
    'tokens/CPU s': tokensPerCpuSecond(phases),
  };
}

const isAccepted = ({ status }: Served) => status === 200;
const isRefused = ({ status }: Served) => status === 503;
const isFull = ({ isWhole, tokens }: Served) => isWhole && tokens.length === maxTokens;
const mean = (values: readonly number[]) => sum(values) / values.length;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const goodputOf = (phases: readonly Phase[]) => mean(phases.map(({ goodput }) => goodput));
const tokensPerCpuSecond = (phases: readonly Phase[]) =>
  sum(phases.map(({ newTokens }) => newTokens)) / sum(phases.map(({ cpuSeconds }) => cpuSeconds));
