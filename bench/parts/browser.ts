/** @file `browser`: what the library costs in Chromium, beside the same in Node.js. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createTextGenerator, fromPretrained, trainAdapter } from '../../src/index.js';
import {
  generation,
  productShapes,
  prompt,
  type RunCosts,
  runOptions,
  warmUpSteps,
} from '../browser-example.js';
import type { BrowserCosts } from '../browser-once.js';
import { secondsOf, timesOf } from '../measure.js';
import type { Part } from '../part.js';
import { productGraph } from '../products-graph.js';
import type { Row } from '../report.js';
import type { ProductShape } from '../wasm-product.js';

export const browser: Part = async ({ peers }) => {
  const root = join(peers, '../..');
  // As its source: it bundles the sources for the page.
  const script = [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'bench/browser-once.ts')];
  const page: BrowserCosts = JSON.parse(
    execFileSync(process.execPath, script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const rows: Row[] = [];
  let [slowestStep, slowestToken, farthest, sameIds] = [0, 0, 0, true];
  for (const inPage of page.runs) {
    const inNode = await costsOfRun(root, inPage.threads);
    const threads = inPage.threads === 1 ? '1 thread' : `${inPage.threads} threads`;
    const row = (what: string, of: (costs: RunCosts) => number) =>
      rows.push({
        what: `${what}, ${threads}`,
        'Node.js': of(inNode),
        Chromium: of(inPage),
        ratio: of(inPage) / of(inNode),
      });
    row('the first step, ms', ({ firstSeconds }) => 1000 * firstSeconds);
    row('a step, ms', ({ stepSeconds }) => 1000 * stepSeconds);
    row('a step, CPU ms', ({ stepCpuSeconds }) => 1000 * stepCpuSeconds);
    row('a token, ms', ({ tokenSeconds }) => 1000 * tokenSeconds);
    row('a token, CPU ms', ({ tokenCpuSeconds }) => 1000 * tokenCpuSeconds);
    slowestStep = Math.max(slowestStep, inPage.stepSeconds / inNode.stepSeconds);
    slowestToken = Math.max(slowestToken, inPage.tokenSeconds / inNode.tokenSeconds);
    const differences = inNode.losses.slice(0, 20).map((loss, i) => Math.abs(loss - inPage.losses[i]!));
    farthest = Math.max(farthest, ...differences);
    sameIds &&= String(inNode.ids.slice(0, 64)) === String(inPage.ids.slice(0, 64));
  }
  for (const [i, shape] of productShapes.entries()) {
    const gigaflops = (seconds: number) => (2e-9 * shape.rows * shape.depth * shape.columns) / seconds;
    const inNode = gigaflops(await secondsOfProduct(shape));
    const { runtimeSeconds, plainSeconds } = page.products[i]!;
    const what = `[${shape.rows}, ${shape.depth}] · [${shape.depth}, ${shape.columns}], GFLOP/s`;
    for (const [by, seconds] of [['', runtimeSeconds] as const, [', by hand', plainSeconds] as const])
      rows.push({
        what: `${what}${by}`,
        'Node.js': inNode,
        Chromium: gigaflops(seconds),
        ratio: inNode / gigaflops(seconds),
      });
  }
  const gap = Math.max(...page.runs.map(({ gapSeconds }) => gapSeconds));
  return {
    rows,
    targets: [
      { name: 'a step beside Node.js, same threads', value: slowestStep, unit: '×', atMost: 3 },
      { name: 'tokens/s beside Node.js', value: 1 / slowestToken, unit: '×', atLeast: 0.5 },
      { name: 'losses beside Node.js, 20 steps', value: farthest, unit: '', atMost: 1e-4 },
      { name: '64 tokens as in Node.js', value: Number(sameIds), unit: '', atLeast: 1 },
      { name: 'longest gap of the page in training', value: 1000 * gap, unit: 'ms', atMost: 50 },
      { name: 'first visit to first prompt', value: page.firstVisit.seconds, unit: 's', atMost: 20 },
      { name: 'first visit', value: page.firstVisit.bytes / 1e6, unit: 'MB', atMost: 20 },
      { name: 'GPT-2 small in 16 bits learns in', value: page.heap.training / 1e6, unit: 'MB', atMost: 700 },
    ],
    notes: [
      `Chromium ${page.version}; promptune-mini, 4 rows a step, after ${warmUpSteps} steps in which WebAssembly is compiled.`,
      'Products are on one thread. Those by hand show what the instructions of WebAssembly allow on these shapes.',
      `GPT-2 small's shape in 16 bits generates in ${Math.round(page.heap.generating / 1e6)} MB of WebAssembly's memory.`,
    ],
  };
};

async function costsOfRun(root: string, threads: number): Promise<RunCosts> {
  const pretrained = await fromPretrained(join(root, 'models/promptune-mini'));
  const [losses, seconds]: number[][] = [[], []];
  let warm = 0;
  const { adapter } = await trainAdapter({
    ...{ ...runOptions(root), ...pretrained, threads },
    onEvent(event) {
      if (event.type !== 'step') return;
      losses!.push(event.loss);
      seconds!.push(event.seconds);
      if (event.step === warmUpSteps) warm = cpuSeconds();
    },
  });
  const stepCpuSeconds = (cpuSeconds() - warm) / (seconds!.length - warmUpSteps);
  const generator = createTextGenerator({ ...pretrained, adapter, threads });
  await generator.generate(prompt, generation);
  const before = cpuSeconds();
  let ids: readonly number[] = [];
  const tokenSeconds =
    (await secondsOf(async () => {
      ({ ids } = await generator.generate(prompt, generation));
    })) / generation.maxNewTokens;
  const tokenCpuSeconds = (cpuSeconds() - before) / generation.maxNewTokens;
  await generator.dispose();
  return {
    ...{ losses: losses!, ids, stepCpuSeconds, tokenSeconds, tokenCpuSeconds },
    firstSeconds: seconds![0]!,
    stepSeconds: timesOf(seconds!.slice(warmUpSteps)).median,
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** One thread, the fastest of many runs. */
async function secondsOfProduct(shape: ProductShape): Promise<number> {
  const session = await InferenceSession.create(productGraph(shape), { intraOpNumThreads: 1 });
  const rows = new Float32Array(shape.rows * shape.depth).fill(0.5);
  const feeds = { rows: new Tensor('float32', rows, [shape.rows, shape.depth]) };
  let fastest = Infinity;
  for (let left = 300; left > 0; left--)
    fastest = Math.min(fastest, await secondsOf(async () => void (await session.run(feeds))));
  return fastest;
}
