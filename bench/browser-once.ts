/**
 * @file `tsx browser-once.ts`: prints, as JSON, what the library costs in Chromium: runs of promptune-mini, products in
 *   WebAssembly, a first visit, and the memory of a model of GPT-2 small's shape.
 */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Promptune } from '../src/browser/index.js';
import { gpt2 } from '../src/models/gpt2.js';
import { startChromium } from '../test/browser/chromium.js';
import { library, root, startSite } from '../test/browser/site.js';
import {
  generation,
  productShapes,
  prompt,
  type RunCosts,
  runOptions,
  warmUpSteps,
} from './browser-example.js';
import { gpt2Small, makeRandomModel } from './make-model.js';
import { timesOf } from './measure.js';
import { productGraph } from './products-graph.js';
import { productModule, tile } from './wasm-product.js';

export interface BrowserCosts {
  readonly version: string;
  readonly runs: readonly (RunCosts & { readonly threads: number; readonly gapSeconds: number })[];
  readonly products: readonly { readonly runtimeSeconds: number; readonly plainSeconds: number }[];
  readonly firstVisit: { readonly seconds: number; readonly bytes: number };
  readonly heap: { readonly training: number; readonly generating: number };
}

interface PageScope {
  readonly promptune: Promptune;
  readonly heap: number;
  readonly steps: number[];
  readonly losses: number[];
  gap: number;
  readonly training: Promise<unknown>;
  readonly generator: Awaited<ReturnType<Promptune['createTextGenerator']>>;
}
declare const scope: PageScope;
declare const WebAssembly: {
  instantiate(bytes: ArrayBuffer): Promise<{
    instance: { exports: { memory: { buffer: ArrayBuffer }; run(...places: number[]): void } };
  }>;
};

const built = '/node_modules/promptune/dist/browser';
const runtime = '/node_modules/onnxruntime-web/dist/ort.wasm.min.mjs';

/** Tells how large the memory of a worker's WebAssembly is, which never shrinks. */
const heapWatch = `
const channel = new BroadcastChannel('heap');
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor) {
    super(descriptor);
    setInterval(() => channel.postMessage(this.buffer.byteLength), 20);
  }
};
`;

const folder = await mkdtemp(join(tmpdir(), 'promptune-bench-browser-'));
const site = await startSite({ folders: { '/folder/': folder } });
const browser = await startChromium();
try {
  const costs: BrowserCosts = {
    version: browser.version(),
    firstVisit: await firstVisit(),
    runs: [await costsOfRun(1), await costsOfRun(undefined)],
    products: await products(),
    heap: await heapOfGpt2(),
  };
  console.log(JSON.stringify(costs));
} finally {
  await browser.close();
  await site.close();
  await rm(folder, { recursive: true, force: true });
}

/** In a profile of its own. */
async function open(): Promise<Page> {
  const context = await browser.newContext();
  // Functions that are sent to the page were given names by the compiler of this script.
  await context.addInitScript('globalThis.__name = (named) => named; globalThis.scope = {};');
  const page = await context.newPage();
  await page.goto(`${site.origin}/`);
  return page;
}

async function start(page: Page, options: object = {}): Promise<void> {
  await page.evaluate(`(async () => {
    const { startPromptune } = await import('${library}');
    scope.promptune = await startPromptune(${JSON.stringify(options)});
  })()`);
}

/** From an empty profile to the first learned prompt: 20 steps. */
async function firstVisit(): Promise<BrowserCosts['firstVisit']> {
  site.sent.clear();
  const page = await open();
  const began = performance.now();
  await start(page);
  await page.evaluate(async (options) => {
    const pretrained = await scope.promptune.fromPretrained();
    await scope.promptune.trainAdapter({ ...options, ...pretrained, maxSteps: 20 });
  }, runOptions(root));
  const seconds = (performance.now() - began) / 1000;
  await page.context().close();
  return { seconds, bytes: [...site.sent.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

async function costsOfRun(threads: number | undefined): Promise<BrowserCosts['runs'][number]> {
  const page = await open();
  await start(page, { threads });
  await page.evaluate(
    async ([options, warmUpSteps]) => {
      const { promptune } = scope;
      const { model, tokenizer } = await promptune.fromPretrained();
      await new Promise<void>((warm) => {
        Object.assign(scope, { steps: [], losses: [], gap: 0 });
        const training = promptune.trainAdapter({
          ...{ ...options, model, tokenizer },
          onEvent(event) {
            if (event.type !== 'step') return;
            scope.steps.push(event.seconds);
            scope.losses.push(event.loss);
            if (event.step === warmUpSteps) warm();
          },
        });
        Object.assign(scope, { training });
      });
      let last = performance.now();
      setInterval(() => {
        scope.gap = Math.max(scope.gap, performance.now() - last);
        last = performance.now();
      }, 5);
    },
    [runOptions(root), warmUpSteps] as const,
  );
  const stepsCpu = await watchCpu();
  const { steps, losses, gap } = await page.evaluate(async () => {
    await scope.training;
    return { steps: scope.steps, losses: scope.losses, gap: scope.gap };
  });
  const stepCpuSeconds = (await stepsCpu()) / (steps.length - warmUpSteps);
  const text = () =>
    page.evaluate(
      async ([prompt, generation]) => {
        const began = performance.now();
        const { ids } = await scope.generator.generate(prompt, generation);
        return { ids, seconds: (performance.now() - began) / 1000 };
      },
      [prompt, generation] as const,
    );
  await page.evaluate(async () => {
    const { promptune } = scope;
    const { adapter } = (await scope.training) as Awaited<ReturnType<Promptune['trainAdapter']>>;
    const generator = await promptune.createTextGenerator({ ...(await promptune.fromPretrained()), adapter });
    Object.assign(scope, { generator });
  });
  await text();
  const textCpu = await watchCpu();
  const { ids, seconds } = await text();
  const tokenCpuSeconds = (await textCpu()) / generation.maxNewTokens;
  const environment = await page.evaluate(() => scope.promptune.environment);
  await page.context().close();
  return {
    threads: environment.threads,
    losses,
    ids,
    firstSeconds: steps[0]!,
    stepSeconds: timesOf(steps.slice(warmUpSteps)).median,
    stepCpuSeconds,
    tokenSeconds: seconds / generation.maxNewTokens,
    tokenCpuSeconds,
    gapSeconds: gap / 1000,
  };
}

/** Watches the processes of pages and their workers. Call the result for the CPU time of all threads since then. */
async function watchCpu(): Promise<() => Promise<number>> {
  const session = await browser.newBrowserCDPSession();
  const spent = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const pages = processInfo.filter(({ type }) => type === 'renderer');
    return new Map(pages.map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await spent();
  return async () => {
    const after = await spent();
    await session.detach();
    return [...after].reduce((sum, [id, seconds]) => sum + seconds - (before.get(id) ?? 0), 0);
  };
}

/** One thread, the fastest of many runs: other work of the machine falls into a few of them. */
async function products(): Promise<BrowserCosts['products']> {
  const page = await open();
  const found: BrowserCosts['products'][number][] = [];
  for (const [i, shape] of productShapes.entries()) {
    await writeFile(join(folder, `product-${i}.wasm`), productModule(shape));
    await writeFile(join(folder, `product-${i}.onnx`), productGraph(shape));
    found.push(
      await page.evaluate(
        async ([shape, columns, i, runtime]) => {
          const { InferenceSession, Tensor, env } = await import(runtime);
          env.wasm.numThreads = 1;
          env.logLevel = 'fatal';
          const bytes = async (name: string) => (await fetch(`/folder/product-${i}.${name}`)).arrayBuffer();
          const session = await InferenceSession.create(new Uint8Array(await bytes('onnx')));
          const rows = new Float32Array(shape.rows * shape.depth).fill(0.5);
          const feeds = { rows: new Tensor('float32', rows, [shape.rows, shape.depth]) };
          const fastest = async (run: () => unknown) => {
            let seconds = Infinity;
            for (let left = 300; left > 0; left--) {
              const began = performance.now();
              await run();
              seconds = Math.min(seconds, (performance.now() - began) / 1000);
            }
            return seconds;
          };
          const { instance } = await WebAssembly.instantiate(await bytes('wasm'));
          const { memory, run } = instance.exports;
          const ofB = 4 * shape.rows * shape.depth;
          const ofC = ofB + 4 * shape.depth * shape.columns;
          new Float32Array(memory.buffer).fill(0.5, 0, ofC / 4);
          const plain = () => {
            for (let from = 0; from < shape.columns; from += columns)
              run(0, ofB + 4 * from * shape.depth, ofC + 4 * from * shape.rows);
          };
          return {
            runtimeSeconds: await fastest(() => session.run(feeds)),
            plainSeconds: await fastest(plain),
          };
        },
        [shape, tile.columns, i, runtime] as const,
      ),
    );
  }
  await page.context().close();
  return found;
}

async function heapOfGpt2(): Promise<BrowserCosts['heap']> {
  const config = { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], ...gpt2Small };
  const model = join(folder, 'gpt2');
  await mkdir(model);
  await makeRandomModel(model, gpt2, config, 'bfloat16');
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(root, 'models/promptune-mini', name), join(model, name));
  await writeFile(join(folder, 'heap-watch.js'), heapWatch);
  await writeFile(
    join(folder, 'watched-engine.js'),
    `import './heap-watch.js'; import '${built}/engine.js';`,
  );
  const page = await open();
  await start(page, { files: { engine: `${site.origin}/folder/watched-engine.js` } });
  const heap = await page.evaluate(
    async ([address, options, prompt]) => {
      const { promptune } = scope;
      let heap = 0;
      new BroadcastChannel('heap').onmessage = ({ data }) => {
        heap = Math.max(heap, data);
      };
      const said = () => new Promise((later) => setTimeout(later, 100));
      const pretrained = await promptune.fromPretrained(address);
      const { adapter } = await promptune.trainAdapter({ ...options, ...pretrained, maxSteps: 3 });
      await said();
      const training = heap;
      heap = 0;
      // The worker that trained ends half a second after its last session.
      await new Promise((later) => setTimeout(later, 1000));
      const generator = await promptune.createTextGenerator({ ...pretrained, adapter });
      await generator.generate(prompt, { maxNewTokens: 8 });
      await said();
      return { training, generating: heap };
    },
    [`${site.origin}/folder/gpt2`, runOptions(root), prompt] as const,
  );
  await page.context().close();
  return heap;
}
