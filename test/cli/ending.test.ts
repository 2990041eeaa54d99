/**
 * @file A process that ends while ONNX Runtime works ends as it was told to: with its own exit code, and no abort from
 *   a thread that is torn down inside a native call.
 */
import { fork, spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { seededRandom } from '../../src/random.js';
import { resolveRunConfig } from '../../src/runs/run-config.js';
import type { TrainJob } from '../../src/workspace/jobs/train-job.js';
import { workplace } from '../support/workplace.js';

let root: string;
beforeAll(async () => {
  root = await workplace();
});
afterAll(() => rm(root, { recursive: true, force: true }));

const compiled = (file: string) => join(inject('cli'), '../..', file);

/** A program that is told after how many milliseconds it is to end, and whose requests never stop. */
const program = (end: string) => `
  import { createTextGenerator, fromPretrained } from ${JSON.stringify(compiled('index.js'))};
  const generator = createTextGenerator(await fromPretrained());
  setTimeout(() => { ${end} }, Number(process.env.DELAY));
  for (;;) await generator.generate(Array(16).fill('I like green tea. '.repeat(8)), { maxNewTokens: 8 });
`;

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function endOf(path: string, delay: number): Promise<End> {
  const child = spawn(process.execPath, [path], {
    env: { PATH: process.env.PATH, HOME: root, DELAY: `${delay}` },
    stdio: 'ignore',
  });
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
}

// From the loading of ONNX Runtime and of the graph to the midst of a run.
const random = seededRandom(11);
const delays = Array.from({ length: 8 }, () => random.below(400));

describe('a program that ends during a request', () => {
  const ways = {
    'by process.exit': { end: 'process.exit(7)', code: 7 },
    'by an error of its own': { end: 'throw new Error("its own")', code: 1 },
  };
  it.each(Object.entries(ways))('%s', async (name, { end, code }) => {
    const path = join(root, `${name.replaceAll(' ', '-')}.mjs`);
    await writeFile(path, program(end));
    const ends: End[] = [];
    for (const delay of delays) ends.push(await endOf(path, delay));
    expect(ends).toEqual(delays.map(() => ({ code, signal: null })));
  });

  it('by process.exit of a worker thread, which ends the worker alone', async () => {
    const path = join(root, 'in-worker.mjs');
    await writeFile(path, program('process.exit(7)'));
    const main = join(root, 'with-worker.mjs');
    await writeFile(
      main,
      `import { Worker } from 'node:worker_threads';
       new Worker(${JSON.stringify(path)}).on('exit', (code) => setTimeout(() => process.exit(code + 1), 50));`,
    );
    const ends: End[] = [];
    for (const delay of delays.slice(4)) ends.push(await endOf(main, delay));
    expect(ends).toEqual(delays.slice(4).map(() => ({ code: 8, signal: null })));
  });
});

it("a job's process whose parent is gone ends with 1", async () => {
  const rows = Array.from({ length: 64 }, (_, i) => ({ prompt: `${i}:`.repeat(20), completion: ' x' }));
  await writeFile(join(root, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const ends: End[] = [];
  for (const [i, delay] of delays.slice(0, 4).entries()) {
    const job: TrainJob = {
      type: 'train',
      model: 'promptune-mini',
      output: join(root, `run-${i}`),
      config: resolveRunConfig({ data: join(root, 'rows.jsonl'), batchSize: 16, maxSteps: 1000 }),
    };
    const child = fork(compiled('chunks/job-process.js'), { stdio: 'ignore' });
    child.send(job);
    child.once('message', () => setTimeout(() => child.disconnect(), delay));
    // Not `close`, which Node does not tell after `disconnect`.
    ends.push(
      await new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
    );
  }
  expect(ends).toEqual(ends.map(() => ({ code: 1, signal: null })));
});
