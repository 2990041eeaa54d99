/**
 * @file `scale`: what two processes of one thread gain over one, in a comparison and in training, beside what this
 *   machine gives two processes that have nothing in common; and what a queue costs. Needs two free cores; for the
 *   queue, redis-server.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGpt2 } from '../../src/loading/create-model.js';
import { tokenizerConfig, trainBpe } from '../../src/tokenizer-training/index.js';
import { freePort, RedisServer } from '../../tools/torture/redis-server.js';
import { secondsOf } from '../measure.js';
import type { Part } from '../part.js';
import type { Row, Target } from '../report.js';

const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Steps of a training, which takes some 7 s. */
const cellSteps = 100;
/** Steps of the cells that a queue has, which take some 20 s: a queue is for work of at least that. */
const queuedSteps = 270;
/** Micro-batches per step of the divided training, whose cost is the difference between a short and a long run. */
const microBatches = 8;
const [shortRun, longRun] = [5, 30];

export const scale: Part = async ({ scratch }) => {
  const place = join(scratch, 'scale');
  await writeInputs(place);
  const run = (args: readonly string[], env = {}) => ended(start(place, args, env));
  const secondsFor = (args: readonly string[], env = {}) => secondsOf(() => run(args, env));
  const train = (name: string, steps: number, ...flags: string[]) => [
    ...['train', '--model', 'model', '--data', 'rows.jsonl', '--method', 'prompt-tuning', '--threads', '1'],
    ...[
      '--validation',
      '0',
      '--num-virtual-tokens',
      '8',
      '--max-steps',
      `${steps}`,
      '--output',
      name,
      ...flags,
    ],
  ];

  const alone = await secondsFor(train('alone', cellSteps));
  const atOnce = await secondsOf(() =>
    Promise.all(['one', 'two'].map((name) => run(train(name, cellSteps)))),
  );
  const limit = (2 * alone) / atOnce;

  await writeComparison(place, 'eight', { seeds: 8, steps: cellSteps / 4 });
  await writeComparison(place, 'shared', { seeds: 8, steps: cellSteps / 4 });
  const eight = await secondsFor(['compare', 'eight.yaml', '--workers', '1']);
  const shared = await secondsFor(['compare', 'shared.yaml', '--workers', '2']);

  const divided = (workers: number, steps: number) => {
    const flags = ['--batch-size', '4', '--gradient-accumulation-steps', `${microBatches}`];
    return secondsFor(train(`by-${workers}-${steps}`, steps, ...flags, '--workers', `${workers}`));
  };
  const times = { 1: [0, 0], 2: [0, 0] };
  for (const workers of [1, 2] as const)
    times[workers] = [await divided(workers, shortRun), await divided(workers, longRun)];
  const stepOf = ([short, long]: readonly number[]) => (long! - short!) / (longRun - shortRun);
  const startOf = (own: readonly number[]) => own[0]! - shortRun * stepOf(own);

  const queue = await queueCost(place, secondsFor);

  const gain = (name: string, value: number): Target => ({ name, value, unit: '×', atLeast: 1.7 });
  const row = (name: string, one: number, two: number): Row => ({
    case: name,
    'one, s': one,
    'two, s': two,
    gain: one / two,
  });
  return {
    rows: [
      row('two trainings that have nothing in common', 2 * alone, atOnce),
      row('8 cells of a comparison', eight, shared),
      row(`${longRun} steps of ${microBatches} batches`, times[1][1]!, times[2][1]!),
      row('one such step', stepOf(times[1]), stepOf(times[2])),
      row('its start', startOf(times[1]), startOf(times[2])),
      ...(queue
        ? [{ case: '4 cells: in a process, by a queue', 'one, s': queue.local, 'two, s': queue.queued }]
        : []),
    ],
    targets: [
      gain('comparison by two processes', eight / shared),
      gain('a training step by two processes', stepOf(times[1]) / stepOf(times[2])),
      ...(queue
        ? [{ name: 'a queue, more', value: 100 * (queue.queued / queue.local - 1), unit: '%', atMost: 3 }]
        : []),
    ],
    notes: [
      `this machine gives two processes ${limit.toFixed(2)} × one; the comparison has ${Math.round((100 * (eight / shared)) / limit)} % of that, a step ${Math.round((100 * (stepOf(times[1]) / stepOf(times[2]))) / limit)} %`,
      ...(queue ? [] : ['redis-server is not installed: the queue was not measured']),
    ],
  };
};

/** Four cells, each some 20 s, by a process of this machine and by one worker of a queue. */
async function queueCost(
  place: string,
  secondsFor: (args: readonly string[], env?: object) => Promise<number>,
): Promise<{ local: number; queued: number } | undefined> {
  if (spawnSync('redis-server', ['--version']).error) return undefined;
  const redis = new RedisServer(join(place, 'redis'), await freePort());
  await redis.start();
  const env = { PROMPTUNE_QUEUE: redis.url, PROMPTUNE_STORE: join(place, 'store') };
  const worker = start(place, ['worker'], env);
  try {
    await new Promise((resolve) => worker.stdout!.once('data', resolve)); // it says its class, and waits
    await writeComparison(place, 'local', { seeds: 4, steps: queuedSteps });
    await writeComparison(place, 'queued', { seeds: 4, steps: queuedSteps });
    const local = await secondsFor(['compare', 'local.yaml', '--workers', '1']);
    const queued = await secondsFor(['compare', 'queued.yaml', '--queue'], env);
    return { local, queued };
  } finally {
    const over = ended(worker).catch(() => {});
    worker.kill('SIGTERM');
    await over;
    await redis.kill();
  }
}

async function writeInputs(place: string): Promise<void> {
  await mkdir(place, { recursive: true });
  const tokenizer = await trainBpe({ texts: [], vocabSize: 257 });
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(128) };
  const sizes = { vocabSize: 257, hiddenSize: 256, numLayers: 6, numAttentionHeads: 8, maxPositions: 128 };
  await createGpt2({ folder: join(place, 'model'), files, ...sizes });
  const rows = Array.from({ length: 64 }, (_, i) => ({
    prompt: `${'abcdefgh'[i % 8]!.repeat(40 + (i % 16))}:`,
    completion: i % 2 === 0 ? ' small' : ' large',
  }));
  await writeFile(join(place, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
}

const writeComparison = (place: string, name: string, { seeds, steps }: { seeds: number; steps: number }) =>
  writeFile(
    join(place, `${name}.yaml`),
    `{model: model, data: rows.jsonl, test: rows.jsonl, output: ${name}, threads: 1, metrics: [loss], untuned: false,
  seeds: [${Array.from({ length: seeds }, (_, i) => i + 1)}], maxSteps: ${steps}, validation: 0,
  methods: [{name: prompt, method: prompt-tuning, methodOptions: {numVirtualTokens: 8}}]}`,
  );

const start = (place: string, args: readonly string[], env: object): ChildProcess =>
  spawn(process.execPath, [cli, ...args], {
    cwd: place,
    env: { PATH: process.env.PATH, HOME: place, HF_HUB_OFFLINE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function ended(child: ChildProcess): Promise<void> {
  let said = '';
  child.stdout!.resume();
  child.stderr!.on('data', (text) => {
    said = `${said}${text}`.slice(-1000);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${child.spawnargs.slice(2).join(' ')} ended with ${code}: ${said}`);
}
