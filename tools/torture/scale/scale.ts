/**
 * @file Kills, stops and cuts off whatever takes part in work beyond one process (workers, their children, the command
 *   that asks, Redis, the store), with a real Redis: results must have the bytes of an undisturbed run in one process.
 *
 * What is promised, and what holds it; scenarios are those of this folder:
 *
 * 1. The same bytes in one process, several, shares, and with 1 to 3 workers: `check` of every scenario; shares and
 *    the sbatch file of the guide in `stores.ts`; `test/cli/workers.test.ts`.
 * 2. `kill -9` of workers at any moment; another one goes on from a checkpoint: `faults.ts`; `works.test.ts`
 *    (snapshots).
 * 3. `kill -9` of the child alone; a cell that kills each of its workers is given up: `faults.ts`.
 * 4. SIGSTOP past the lock: `faults.ts`.
 * 5. Two commands at once, doubles, attempts with other bytes: `faults.ts`; `run-works.test.ts`; `tracker.test.ts`.
 * 6. Redis killed for longer than BullMQ's workers once stood, with its data or empty: `faults.ts`.
 * 7. A worker cut off from Redis: `faults.ts`.
 * 8. A cell that stands still gets a second worker: `faults.ts`; `tracker.test.ts`.
 * 9. Training with eight batches per step among 1, 2 and 4 workers that die: `training.ts`; thousands of schedules
 *    without models: `tracker.test.ts`.
 * 10. SIGTERM gives work back; a command that is killed and begun again computes only what is missing: `faults.ts`.
 * 11. A store that is away, full or read-only; two hosts on one folder: `stores.ts`; `store.test.ts`.
 * 12. Workers of another class get nothing, which is said: `faults.ts`.
 * 13. 10,000 empty jobs for 200 workers in two processes: `overhead.ts`, and its report by itself.
 * 14. On PostgreSQL: not offered (docs/scale.md says why).
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGpt2 } from '../../../src/loading/create-model.js';
import { tokenizerConfig, trainBpe } from '../../../src/tokenizer-training/index.js';
import { compileCli } from '../../../test/support/compile-cli.js';
import type { Attempt, Campaign, RunningCampaign } from '../campaign.js';
import { freePort, RedisServer } from '../redis-server.js';
import { faults } from './faults.js';
import { overhead } from './overhead.js';
import { type Command, cells, NotPossibleHere, type Place, type Scenario, workerArguments } from './place.js';
import { stores } from './stores.js';
import { trainArguments, trainedFacts, training } from './training.js';

const scenarios: Readonly<Record<string, Scenario>> = { ...faults, ...stores, ...training, ...overhead };

export const scale: Campaign = {
  about:
    'workers, their children, commands, stores and Redis itself are killed, stopped and cut off amid their work',
  defaultCount: Object.keys(scenarios).length,
  isParallel: false,
  start,
};

async function start(folder: string): Promise<RunningCampaign> {
  const cwd = join(folder, 'place');
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
    learningRate: 0.1, untuned: false,
    methods: [{name: prompt, method: prompt-tuning, methodOptions: {numVirtualTokens: 3}}]}`;

  // `promptune` by its name, for the scripts of the guide.
  await mkdir(join(cwd, 'bin'));
  await writeFile(join(cwd, 'bin/promptune'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  await chmod(join(cwd, 'bin/promptune'), 0o755);
  const PATH = `${join(cwd, 'bin')}:${process.env.PATH}`;

  const redis = new RedisServer(join(folder, 'redis'), await freePort());
  const running = new Set<ChildProcess>();
  // Only what this campaign has started, by its processes.
  const endAll = () => {
    for (const child of running) child.kill('SIGKILL');
  };
  const spawned = (file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const child = spawn(file, args, {
      cwd,
      env: { PATH, HOME: cwd, HF_HUB_OFFLINE: '1', PROMPTUNE_QUEUE: redis.url, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return commandOf(child);
  };
  const commandOf = (child: ChildProcess): Command => {
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
  const command: Place['run'] = (args, env) => spawned(process.execPath, [cli, ...args], env);
  const bytesOf = async (output: string, names: readonly string[]): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const name of names)
      for (const file of ['result.json', 'predictions.jsonl', `run/${tensorsName}`])
        found[`${name}/${file}`] = await readFile(join(cwd, output, name, file), 'latin1');
    return found;
  };

  await writeFile(join(cwd, 'reference.yaml'), config('reference'));
  for (const { ended, output } of [
    command(['compare', 'reference.yaml']),
    command(trainArguments('trained')),
  ])
    if ((await ended) !== 0) throw new Error(output());
  const reference = await bytesOf('reference', cells);
  const trained = await trainedFacts(join(cwd, 'trained'));

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
        ...{ number, random, redis, cwd, store, trained, run: command, script: spawned, endAll },
        worker: (...flags) => command(workerArguments(store, ...flags)),
        foreignWorker: (host) => {
          if (spawnSync('unshare', ['--uts', 'true']).status !== 0)
            throw new NotPossibleHere('a process cannot have a host name of its own');
          const start = `hostname ${host} && exec '${process.execPath}' '${cli}' "$@"`;
          return spawned('unshare', ['--uts', 'sh', '-c', start, 'sh', ...workerArguments(store)]);
        },
        compare: (...flags) => command(['compare', `${output}.yaml`, '--queue', '--store', store, ...flags]),
        async check(names = cells) {
          const found = await bytesOf(output, names);
          const wrong = Object.keys(found).filter((name) => found[name] !== reference[name]);
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
        if (error instanceof NotPossibleHere) return { row, outcome: `not here: ${error.message}` };
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

const tensorsName = 'adapter/adapter_model.safetensors';
