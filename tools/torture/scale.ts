/**
 * @file Kills, stops and cuts off whatever takes part in work on a queue (workers, their children, the command that
 *   asks, Redis), with a real server: the results must have the bytes of an undisturbed run in one process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGpt2 } from '../../src/loading/create-model.js';
import type { Random } from '../../src/random.js';
import { tokenizerConfig, trainBpe } from '../../src/tokenizer-training/index.js';
import { compileCli } from '../../test/support/compile-cli.js';
import type { Attempt, Campaign, RunningCampaign } from './campaign.js';
import { CutProxy, freePort, RedisServer } from './redis-server.js';

export const scale: Campaign = {
  about:
    'workers, their children, commands and Redis itself are killed, stopped and cut off amid a comparison',
  defaultCount: 15,
  isParallel: false,
  start,
};

const cells = ['prompt-all-seed-1', 'prompt-all-seed-2', 'prompt-all-seed-3', 'prompt-all-seed-4'];
const lockSeconds = 2;

/** Everything that an attempt uses. */
interface Place {
  readonly number: number;
  readonly random: Random;
  readonly redis: RedisServer;
  /** The bytes that cells must have, by file. */
  readonly reference: Readonly<Record<string, string>>;
  /** Runs a command to its end. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Command;
  worker(...flags: string[]): Command;
  compare(...flags: string[]): Command;
  /** A fault, or undefined if the cells of this attempt have the right bytes, and no two differed. */
  check(names?: readonly string[]): Promise<string | undefined>;
  readonly store: string;
}

interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** All that it has printed so far. */
  readonly output: () => string;
  /** Resolves once it has printed that. */
  printed(pattern: RegExp): Promise<void>;
}

type Scenario = (place: Place) => Promise<string | undefined>;

/** Milliseconds at random. */
const some = (random: Random, most: number) => random.below(most);

const scenarios: Readonly<Record<string, Scenario>> = {
  'kill -9 of a worker': async ({ random, worker, compare, check }) => {
    const workers = [worker(), worker()];
    const asked = compare();
    await Promise.race(workers.map((one) => one.printed(/begun/)));
    await sleep(some(random, 2500));
    workers[0]!.child.kill('SIGKILL');
    if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
    return check();
  },

  'two of three workers killed': async ({ random, worker, compare, check }) => {
    const workers = [worker(), worker(), worker()];
    const asked = compare();
    await Promise.race(workers.map((one) => one.printed(/begun/)));
    for (const one of workers.slice(1)) {
      await sleep(some(random, 1500));
      one.child.kill('SIGKILL');
    }
    return (await asked.ended) === 0
      ? check()
      : `the command ended with ${await asked.ended}: ${asked.output()}`;
  },

  'a cell that stands still gets a second worker': async ({ worker, compare, check }) => {
    const still = worker();
    const asked = compare();
    await still.printed(/begun/);
    const children = await childrenOf(still.child.pid!);
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    worker(); // does the others, and then this one again, although its worker still holds its lock
    if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
    for (const pid of children) process.kill(pid, 'SIGCONT');
    still.child.kill('SIGTERM');
    if ((await still.ended) !== 0)
      return `the late worker ended with ${await still.ended}: ${still.output()}`;
    return check();
  },

  'Redis killed, back after 10 s with its data': (place) => redisAway(place, false),
  'Redis killed, back after 10 s and empty': (place) => redisAway(place, true),

  'a cell that kills each of its workers': async ({ worker, compare, check }) => {
    const victim = cells[0]!;
    const flags = ['--max-deaths', '1'];
    let isOver = false;
    const supervise = async () => {
      while (!isOver) {
        const one = worker(...flags);
        void one.printed(new RegExp(`${victim}: begun`)).then(() => one.child.kill('SIGKILL'));
        await one.ended;
      }
    };
    const supervised = supervise();
    const other = worker(...flags);
    void other.printed(new RegExp(`${victim}: begun`)).then(() => other.child.kill('SIGKILL'));
    const asked = compare();
    const code = await asked.ended;
    isOver = true;
    const output = asked.output();
    endAll();
    await supervised;
    if (code !== 1 || !/given up: every worker that had it died/.test(output))
      return `ended with ${code}: ${output}`;
    return check(cells.slice(1));
  },

  'kill -9 of the child alone': async ({ random, worker, compare, check }) => {
    const one = worker();
    const asked = compare();
    await one.printed(/begun/);
    await sleep(some(random, 1500));
    const children = await childrenOf(one.child.pid!);
    for (const pid of children) process.kill(pid, 'SIGKILL');
    if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
    return children.length > 0 ? check() : 'there was no child to kill';
  },

  'SIGSTOP past the lock, then SIGCONT': async ({ worker, compare, check }) => {
    const [stopped, other] = [worker(), worker()];
    const asked = compare();
    await stopped.printed(/begun/);
    const all = [stopped.child.pid!, ...(await childrenOf(stopped.child.pid!))];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    const code = await asked.ended;
    for (const pid of all) process.kill(pid, 'SIGCONT');
    if (code !== 0) return `the command ended with ${code}: ${asked.output()}`;
    await sleep(3000);
    for (const one of [stopped, other]) one.child.kill('SIGTERM');
    if ((await stopped.ended) !== 0)
      return `the late worker ended with ${await stopped.ended}: ${stopped.output()}`;
    return check();
  },

  'two commands at once': async ({ worker, compare, check }) => {
    worker();
    worker();
    const codes = await Promise.all([compare().ended, compare('--json').ended]);
    return codes.every((code) => code === 0) ? check() : `the commands ended with ${codes}`;
  },

  'SIGTERM: the work is given back': async ({ worker, compare, check, run }) => {
    const one = worker();
    const asked = compare();
    await one.printed(/begun/);
    await sleep(1200);
    one.child.kill('SIGTERM');
    if ((await one.ended) !== 0) return `the worker ended with ${await one.ended}: ${one.output()}`;
    const status = run(['queue', 'status', '--json']);
    await status.ended;
    if (!/"running":0/.test(status.output())) return `nothing waits: ${status.output()}`;
    worker();
    return (await asked.ended) === 0 ? check() : `the command ended with ${await asked.ended}`;
  },

  'kill -9 of the command, and again': async ({ random, worker, compare, check }) => {
    const one = worker();
    const first = compare();
    await one.printed(/begun/);
    await sleep(some(random, 4000));
    first.child.kill('SIGKILL');
    await first.ended;
    const again = compare();
    if ((await again.ended) !== 0) return `the command ended with ${await again.ended}: ${again.output()}`;
    const begun = one.output().match(/: begun/g)!.length;
    return begun === cells.length ? check() : `${begun} cells were begun, expected ${cells.length}`;
  },

  'a worker cut off': async ({ redis, run, worker, compare, check, store }) => {
    const proxy = new CutProxy(await freePort(), redis.port);
    const far = run(['worker', '--lock', `${lockSeconds}`, '--store', store], {
      PROMPTUNE_QUEUE: `redis://127.0.0.1:${proxy.port}`,
    });
    const asked = compare();
    await far.printed(/begun/);
    proxy.cut();
    worker();
    const code = await asked.ended;
    proxy.heal();
    await sleep(3000);
    far.child.kill('SIGTERM');
    const end = await far.ended;
    proxy.close();
    if (code !== 0) return `the command ended with ${code}: ${asked.output()}`;
    return end === 0 ? check() : `the worker ended with ${end}: ${far.output()}`;
  },

  'the store away': async ({ worker, compare, check, store }) => {
    const one = worker();
    const asked = compare();
    await one.printed(/begun/);
    await rename(store, `${store}-away`);
    await writeFile(store, ''); // nothing can be made below it
    await one.printed(/failed: .*store.*cannot be/);
    await rm(store);
    await rename(`${store}-away`, store);
    worker(); // the other one takes nothing for a minute
    return (await asked.ended) === 0
      ? check()
      : `the command ended with ${await asked.ended}: ${asked.output()}`;
  },

  'workers of another class': async ({ worker, compare, check }) => {
    const other = worker('--threads', '2');
    const asked = compare();
    await asked.printed(
      /0 workers on promptune-1-\w+; start one with promptune worker \(connected are those of \w+\)/,
    );
    if (/begun/.test(other.output())) return `it took work: ${other.output()}`;
    worker();
    return (await asked.ended) === 0 ? check() : `the command ended with ${await asked.ended}`;
  },

  'training divided among workers that die': async ({ random, number, worker, run, reference, store }) => {
    const workers = [worker(), worker()];
    const output = `trained-${number}`;
    const asked = run([...training, '--output', output, '--queue', '--store', store]);
    await Promise.race(workers.map((one) => one.printed(/begun/)));
    await sleep(some(random, 3000));
    workers[0]!.child.kill('SIGKILL');
    if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
    const bytes = await readFile(join(cwd, output, tensorsName), 'latin1');
    return bytes === reference.trained ? undefined : 'the adapter has other bytes';
  },
};

/** BullMQ's workers once stopped fetching after an outage of more than six seconds (taskforcesh/bullmq#4585). */
async function redisAway({ random, redis, worker, compare, check }: Place, isEmpty: boolean) {
  const workers = [worker(), worker()];
  const asked = compare();
  await Promise.race(workers.map((one) => one.printed(/begun/)));
  await sleep(some(random, 1500));
  await redis.kill();
  if (isEmpty) await redis.empty();
  await sleep(10_000);
  await redis.start();
  if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
  return check();
}

const training = [
  ...[
    'train',
    '--model',
    'model',
    '--data',
    'rows.jsonl',
    '--method',
    'prompt-tuning',
    '--num-virtual-tokens',
    '3',
  ],
  ...[
    '--learning-rate',
    '0.1',
    '--max-steps',
    '6',
    '--batch-size',
    '2',
    '--gradient-accumulation-steps',
    '4',
  ],
  ...['--threads', '1'],
];
const tensorsName = 'adapter/adapter_model.safetensors';

let cwd = '';
const running = new Set<ChildProcess>();
/** Only what this campaign has started, by its processes. */
const endAll = () => {
  for (const child of running) child.kill('SIGKILL');
};

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function start(folder: string): Promise<RunningCampaign> {
  cwd = join(folder, 'place');
  const built = join(folder, 'promptune');
  for (const path of [cwd, built]) {
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
  }
  const cli = await compileCli(built);
  const tokenizer = await trainBpe({ texts: [], vocabSize: 257 });
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(96) };
  const sizes = { vocabSize: 257, hiddenSize: 32, numLayers: 2, numAttentionHeads: 2, maxPositions: 96 };
  await createGpt2({ folder: join(cwd, 'model'), files, ...sizes });
  const rows = Array.from({ length: 64 }, (_, i) => {
    const word = 'abcdefgh'[i % 8]!.repeat(3 + (i % 20));
    return i % 2 === 0
      ? { prompt: word, completion: ' small' }
      : { prompt: word.toUpperCase(), completion: ' large' };
  });
  await writeFile(join(cwd, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const config = (
    output: string,
  ) => `{model: model, data: rows.jsonl, test: rows.jsonl, output: ${output}, threads: 1,
    labels: [small, large], metrics: [accuracy, loss], seeds: [1, 2, 3, 4], maxSteps: 60, saveEvery: 5,
    learningRate: 0.1, untuned: false, methods: [{name: prompt, method: prompt-tuning, methodOptions: {numVirtualTokens: 3}}]}`;

  const redis = new RedisServer(join(folder, 'redis'), await freePort());
  const command = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Command => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: cwd, HF_HUB_OFFLINE: '1', PROMPTUNE_QUEUE: redis.url, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (data) => {
        output += data;
      });
    const ended = new Promise<number | null>((resolve) =>
      child.once('close', (code) => {
        running.delete(child);
        resolve(code);
      }),
    );
    return {
      child,
      ended,
      output: () => output,
      async printed(pattern) {
        while (!pattern.test(output) && child.exitCode === null && child.signalCode === null) await sleep(20);
      },
    };
  };
  const bytesOf = async (output: string, names: readonly string[]): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const name of names)
      for (const file of ['result.json', 'predictions.jsonl', `run/${tensorsName}`])
        found[`${name}/${file}`] = await readFile(join(cwd, output, name, file), 'latin1');
    return found;
  };

  await writeFile(join(cwd, 'reference.yaml'), config('reference'));
  const references = [command(['compare', 'reference.yaml']), command([...training, '--output', 'trained'])];
  for (const { ended, output } of references) if ((await ended) !== 0) throw new Error(output());
  const reference = {
    ...(await bytesOf('reference', cells)),
    trained: await readFile(join(cwd, 'trained', tensorsName), 'latin1'),
  };

  return {
    async attempt(number, random): Promise<Attempt> {
      const entries = Object.entries(scenarios);
      const [row, scenario] = entries[number % entries.length]!;
      const output = `out-${number}`;
      const store = join(cwd, `store-${number}`);
      await redis.empty();
      await redis.start();
      await writeFile(join(cwd, `${output}.yaml`), config(output));
      const place: Place = {
        ...{ number, random, redis, reference, store, run: command },
        worker: (...flags) => command(['worker', '--lock', `${lockSeconds}`, '--store', store, ...flags]),
        compare: (...flags) => command(['compare', `${output}.yaml`, '--queue', '--store', store, ...flags]),
        async check(names = cells) {
          const found = await bytesOf(output, names);
          const wrong = Object.keys(found).filter(
            (name) => found[name] !== reference[name as keyof typeof reference],
          );
          if (wrong.length > 0) return `other bytes: ${wrong.join(', ')}`;
          const conflicts = await readdir(join(store, 'conflict')).catch(() => []);
          return conflicts.length > 0
            ? `attempts gave different results: ${conflicts.join(', ')}`
            : undefined;
        },
      };
      const begun = performance.now();
      let fault: string | undefined;
      try {
        const late = sleep(240_000, 'it takes more than four minutes', { ref: false });
        fault = await Promise.race([scenario(place), late]);
      } catch (error) {
        fault = (error as Error).message;
      } finally {
        const ends = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
        endAll();
        await Promise.all(ends);
        await redis.kill();
        await rm(store, { recursive: true, force: true });
      }
      const seconds = Math.round((performance.now() - begun) / 1000);
      return {
        row,
        outcome: fault ? 'fault' : 'same bytes',
        ...(fault && { fault: `after ${seconds} s: ${fault}` }),
      };
    },
    end: () => redis.kill(),
  };
}
