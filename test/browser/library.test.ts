/** @file `promptune/browser` in a real browser: the same numbers, tokens and files as in Node.js. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { BrowserTrainingOptions, Promptune, RemoteAdapter } from '../../src/browser/index.js';
import { commit } from '../../src/hub/hub-server.fixture.js';
import { createTextGenerator, fromPretrained, loadAdapter, trainAdapter } from '../../src/index.js';
import { createTinyModel } from '../support/tiny-model.js';
import { chromiumPath, startChromium } from './chromium.js';
import { library, root, type Site, startSite } from './site.js';

/** What a page has once `open` is through. */
interface PageScope {
  readonly promptune: Promptune;
  /** UsageError, FileError and PromptuneError. */
  readonly errors: readonly (new (
    ...args: never[]
  ) => Error)[];
  readonly preset: Omit<BrowserTrainingOptions, 'model' | 'tokenizer'>;
  /** An adapter's files with their bytes in base64. */
  filesOf(adapter: RemoteAdapter): Promise<Record<string, string>>;
}
declare const scope: PageScope;
declare const document: { title: string };
declare const location: { origin: string };
declare const navigator: { locks: { request<T>(name: string, hold: () => Promise<T>): Promise<T> } };

const setUp = `
  const { startPromptune, UsageError, FileError, PromptuneError } = await import('${library}');
  const rows = (await (await fetch('/presets/recommend-zh.jsonl')).text()).trim().split('\\n').map(JSON.parse);
  globalThis.scope = {
    errors: [UsageError, FileError, PromptuneError],
    promptune: await startPromptune(globalThis.startOptions),
    preset: {
      data: rows,
      validation: 0.25,
      method: 'prompt-tuning',
      methodOptions: { initText: '我喜欢苹果和梨。我想要桃子。' },
      template: "{{ soft(10) }}我喜欢{{ likes | join('和') }}。我想要",
      completionTemplate: '{{ recommendation }}',
      learningRate: 0.03,
      batchSize: 4,
      maxSteps: 20,
      evalEvery: 15,
    },
    async filesOf(adapter) {
      const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
      return Object.fromEntries([...(await adapter.files())].map(([name, bytes]) => [name, base64(bytes)]));
    },
  };
`;

const prompt = '我喜欢苹果和梨。我想要';
const generation = { maxNewTokens: 64, eosTokenId: [] };

describe.skipIf(chromiumPath === undefined)('in Chromium', () => {
  let site: Site;
  let browser: Browser;
  let temporary: string;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'promptune-browser-test-'));
    await createTinyModel(join(temporary, 'tiny'));
    const files = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
    const entries = await Promise.all(
      files.map(async (path) => ({
        type: 'file',
        path,
        size: (await stat(join(temporary, 'tiny', path))).size,
      })),
    );
    site = await startSite({
      folders: {
        '/models/tiny/': join(temporary, 'tiny'),
        [`/owner/tiny/resolve/${commit}/`]: join(temporary, 'tiny'),
        '/gguf/': join(root, 'test/gguf'),
      },
      pages: {
        '/api/models/owner/tiny/revision/main': JSON.stringify({ sha: commit }),
        [`/api/models/owner/tiny/tree/${commit}`]: JSON.stringify(entries),
      },
    });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await rm(temporary, { recursive: true, force: true });
  });

  async function open(context?: BrowserContext, origin = site.origin): Promise<Page> {
    const page = await (context ?? (await browser.newContext())).newPage();
    await page.goto(`${origin}/`);
    await page.evaluate(`(async () => {${setUp}})()`);
    return page;
  }

  it('has at most 300 kB to load before the engine, and nothing of Node.js', async () => {
    const inputs = Object.entries(site.metafile.inputs);
    const foreign = inputs.flatMap(([file, { imports }]) =>
      imports
        .filter(({ external, path }) => external && path !== '<runtime>')
        .map(({ path }) => `${file} imports ${path}`),
    );
    expect(foreign).toEqual([]);
    const sizes = await Promise.all(
      ['index.js', 'worker.js', 'engine.js'].map(
        async (name) => [name, gzipSync(await readFile(join(site.built, name))).length] as const,
      ),
    );
    console.log(
      'kB gzip:',
      Object.fromEntries(sizes.map(([name, bytes]) => [name, Math.round(bytes / 1000)])),
    );
    expect(sizes.reduce((sum, [, bytes]) => sum + bytes, 0)).toBeLessThan(300_000);
    for (const name of ['index.js', 'worker.js', 'engine.js'])
      expect(await readFile(join(site.built, name), 'utf8')).not.toMatch(
        /(?<![\w.$])(Buffer|process)\.|["']node:/,
      );
  });

  it('learns what Node.js learns, generates the same tokens, and its files are an adapter there', async () => {
    const page = await open();
    const learned = await page.evaluate(
      async ([prompt, generation]) => {
        const { promptune, preset, filesOf } = scope;
        const { model, tokenizer } = await promptune.fromPretrained();
        const losses: number[] = [];
        const seconds: number[] = [];
        let [last, gap] = [performance.now(), 0];
        const ticker = setInterval(() => {
          gap = Math.max(gap, performance.now() - last);
          last = performance.now();
        }, 5);
        const { adapter, best } = await promptune.trainAdapter({
          ...preset,
          model,
          tokenizer,
          onEvent(event) {
            if (event.type !== 'step') return;
            losses.push(event.loss);
            seconds.push(event.seconds);
          },
        });
        clearInterval(ticker);
        const generator = await promptune.createTextGenerator({ model, tokenizer, adapter });
        const { ids, text } = await generator.generate(prompt, generation);
        let streamed = '';
        for await (const piece of generator.stream(prompt, generation)) streamed += piece;
        const zip = new File([await adapter.zip()], 'adapter.zip');
        const again = await promptune.loadAdapter(zip, model);
        return {
          ...{ losses, seconds, gap, best, ids, text, streamed },
          environment: promptune.environment,
          ids64: await tokenizer.encode(prompt),
          files: await filesOf(adapter),
          filesOfZip: await filesOf(again),
        };
      },
      [prompt, generation] as const,
    );
    const preset = await presetInNode();
    const { model, tokenizer } = await fromPretrained();
    const losses: number[] = [];
    const seconds: number[] = [];
    const inNode = await trainAdapter({
      ...preset,
      model,
      tokenizer,
      onEvent(event) {
        if (event.type !== 'step') return;
        losses.push(event.loss);
        seconds.push(event.seconds);
      },
    });
    console.log(
      `${learned.environment.threads} threads; median of the first steps, in which WebAssembly is compiled: ` +
        `${median(learned.seconds)} s, in Node.js ${median(seconds)} s; ` +
        `longest gap of the page ${Math.round(learned.gap)} ms`,
    );
    expect(learned.environment).toMatchObject({
      device: 'cpu',
      isIsolated: true,
      hasStorage: true,
      notes: [],
    });
    expect(learned.losses).toHaveLength(20);
    for (const [step, loss] of losses.entries())
      expect(Math.abs(learned.losses[step]! - loss)).toBeLessThan(1e-4);
    expect(learned.best!.step).toBe(inNode.best!.step);

    const generator = createTextGenerator({ model, tokenizer, adapter: inNode.adapter });
    const row = await generator.generate(prompt, generation);
    await generator.dispose();
    expect(learned.ids).toEqual(row.ids);
    expect(learned.ids).toHaveLength(64);
    expect(learned.streamed).toBe(learned.text);
    expect(learned.ids64).toEqual(tokenizer.encode(prompt));

    const files = await inNode.adapter.files();
    const fromPage = new Map(
      Object.entries(learned.files).map(([name, text]) => [name, Buffer.from(text, 'base64')]),
    );
    expect([...fromPage.keys()]).toEqual([...files.keys()]);
    // The others have losses in them, whose last digits differ.
    for (const name of ['adapter_config.json', 'adapter_model.safetensors'])
      expect(fromPage.get(name)!.length).toBe(files.get(name)!.length);
    expect(learned.filesOfZip).toEqual(learned.files);
    const folder = join(temporary, 'adapter');
    for (const [name, bytes] of fromPage) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const loaded = await loadAdapter(folder, model);
    const [mine] = loaded.tensors.values();
    const [theirs] = inNode.adapter.tensors.values();
    expect(Math.max(...mine!.data.map((x, i) => Math.abs(x - theirs!.data[i]!)))).toBeLessThan(1e-3);
    await page.close();
  });

  it('resumes a run whose tab was closed, to the same bytes', async () => {
    const context = await browser.newContext();
    const settings = { maxSteps: 8, saveEvery: 1, evalEvery: 4 };
    const train = (page: Page, output: string, resume: boolean, closeAt?: number) =>
      page.evaluate(
        async ([settings, output, resume, closeAt]) => {
          const { promptune, preset, filesOf } = scope;
          const pretrained = await promptune.fromPretrained();
          const steps: number[] = [];
          const { adapter } = await promptune.trainAdapter({
            ...preset,
            ...settings,
            ...pretrained,
            output,
            resume,
            onEvent(event) {
              if (event.type !== 'step') return;
              steps.push(event.step);
              if (event.step === closeAt) document.title = 'close';
            },
          });
          return { steps, files: await filesOf(adapter) };
        },
        [settings, output, resume, closeAt] as const,
      );
    const first = await open(context);
    const closed = train(first, 'closed run', false, 5).catch(() => 'closed');
    await first.waitForFunction(() => document.title === 'close', undefined, { timeout: 300_000 });
    await first.close();
    expect(await closed).toBe('closed');

    const second = await open(context);
    const resumed = await train(second, 'closed run', true);
    expect(resumed.steps.length).toBeLessThan(8);
    expect(resumed.steps.at(-1)).toBe(8);
    const whole = await train(second, 'whole run', false);
    expect(whole.steps).toHaveLength(8);
    expect(resumed.files).toEqual(whole.files);
    const stored = await second.evaluate(async () => {
      const { promptune, filesOf } = scope;
      const { model } = await promptune.fromPretrained();
      const names = (await promptune.listRuns()).sort();
      const files = await filesOf(await promptune.loadAdapter('closed run', model));
      const inRun = await promptune.runFiles('closed run');
      const inFolder = [...inRun.keys()].sort();
      const config = new TextDecoder().decode(inRun.get('config.yaml'));
      await promptune.deleteRun('whole run');
      return { names, files, inFolder, config, left: await promptune.listRuns() };
    });
    expect(stored.names).toEqual(['closed run', 'whole run']);
    expect(stored.files).toEqual(whole.files);
    expect(stored.inFolder).toEqual(expect.arrayContaining(['config.yaml', 'metrics.jsonl', 'inputs.json']));
    expect(parse(stored.config)).toMatchObject({ method: 'prompt-tuning', maxSteps: 8 });
    expect(stored.left).toEqual(['closed run']);
    await context.close();
  });

  it('downloads models from an address and the Hub, keeps them, and deletes them', async () => {
    const context = await browser.newContext();
    const use = (page: Page, source: string) =>
      page.evaluate(async (source) => {
        const { promptune } = scope;
        const progress: { file: string; loadedBytes: number; totalBytes?: number }[] = [];
        const options = { endpoint: location.origin };
        const estimate = await promptune.estimateModel(source, options);
        const { model, tokenizer } = await promptune.fromPretrained(source, {
          ...options,
          onProgress: (event) => progress.push(event),
        });
        const generator = await promptune.createTextGenerator({ model, tokenizer });
        const { ids } = await generator.generate('a cute', { maxNewTokens: 8, eosTokenId: [] });
        await generator.dispose();
        return { estimate, name: model.name, ids, progress, models: await promptune.listModels() };
      }, source);
    const { model, tokenizer } = await fromPretrained(join(temporary, 'tiny'));
    const generator = createTextGenerator({ model, tokenizer });
    const { ids } = await generator.generate('a cute', { maxNewTokens: 8, eosTokenId: [] });
    await generator.dispose();

    const address = `${site.origin}/models/tiny/`;
    const weights = '/models/tiny/model.safetensors';
    const first = await use(await open(context), address);
    expect(first.ids).toEqual(ids);
    expect(first.estimate).toMatchObject({ isStored: false });
    expect(first.estimate.weightBytes).toBe((await stat(join(temporary, 'tiny/model.safetensors'))).size);
    const { loadedBytes, totalBytes } = first.progress.findLast(({ file }) => file === 'model.safetensors')!;
    expect(loadedBytes).toBe(totalBytes);
    expect(first.models.map(({ name }) => name)).toEqual([first.name]);

    const sent = site.sent.get(weights);
    const page = await open(context);
    const again = await use(page, address);
    expect(again).toMatchObject({ ids, progress: [], estimate: { isStored: true, downloadBytes: 0 } });
    expect(site.sent.get(weights)).toBe(sent);

    const ofHub = await use(page, 'owner/tiny');
    expect(ofHub).toMatchObject({ ids, name: 'owner/tiny' });
    const left = await page.evaluate(async (name) => {
      await scope.promptune.deleteModel(name);
      return scope.promptune.listModels();
    }, first.name);
    expect(left.map(({ name }) => name)).toEqual(['owner/tiny']);
    await context.close();
  });

  it('uses a GGUF file, and data files, that somebody picked', async () => {
    const page = await open();
    const { losses, models, report } = await page.evaluate(async () => {
      const { promptune } = scope;
      const bytes = await (await fetch('/gguf/gpt2-q8_0.gguf')).blob();
      const pretrained = await promptune.fromPretrained(new File([bytes], 'gpt2-q8_0.gguf'), {
        dtype: 'fp16',
      });
      const data = new File(
        ['{"prompt": "a", "completion": "b"}\n{"prompt": "b", "completion": "c"}\n'],
        'pairs.jsonl',
      );
      const losses: number[] = [];
      await promptune.trainAdapter({
        ...pretrained,
        data,
        maxSteps: 2,
        methodOptions: { numVirtualTokens: 2 },
        onEvent: (event) => event.type === 'step' && losses.push(event.loss),
      });
      const report = await promptune.checkData({ ...pretrained, data });
      return { losses, models: await promptune.listModels(), report };
    });
    expect(losses.every((loss) => loss > 0)).toBe(true);
    expect(losses).toHaveLength(2);
    expect(models.map(({ name }) => name)).toEqual(['gpt2-q8_0.gguf']);
    expect(report).toMatchObject({ rows: 2, faults: 0 });
    await page.close();
  });

  it('takes what was picked in the place of an earlier model of that name', async () => {
    const page = await open();
    const types = await page.evaluate(async () => {
      const { promptune } = scope;
      const types: string[] = [];
      for (const file of ['gpt2-q8_0.gguf', 'llama-f16.gguf', 'gpt2-q8_0.gguf']) {
        const bytes = await (await fetch(`/gguf/${file}`)).blob();
        const { model } = await promptune.fromPretrained(new File([bytes], 'model.gguf'));
        types.push(model.config.modelType);
      }
      return types;
    });
    expect(types).toEqual(['gpt2', 'llama', 'gpt2']);
    await page.close();
  });

  it('stops waiting for a download of another tab when it is told to', async () => {
    const context = await browser.newContext();
    const page = await open(context);
    const ended = await page.evaluate(async (address) => {
      const { promptune } = scope;
      const stop = new AbortController();
      const name = address.slice('http://'.length);
      return navigator.locks.request(`promptune download ${name}`, async () => {
        const loaded = promptune.fromPretrained(address, { signal: stop.signal });
        setTimeout(() => stop.abort(), 200);
        return loaded.then(
          () => 'loaded',
          (error) => error.name,
        );
      });
    }, `${site.origin}/models/tiny`);
    expect(ended).toBe('AbortError');
    await context.close();
  });

  it('classifies with a head, evaluates, and stops when it is told to', async () => {
    const page = await open();
    const done = await page.evaluate(async (address) => {
      const { promptune, preset } = scope;
      const pretrained = await promptune.fromPretrained(address);
      const data = ['a cat', 'a dog', 'cats', 'dogs'].map((text, i) => ({
        text,
        label: i % 2 ? 'dog' : 'cat',
      }));
      const { adapter } = await promptune.trainAdapter({
        ...{
          ...pretrained,
          data,
          maxSteps: 2,
          method: 'lora',
          taskType: 'sequence-classification',
        },
      });
      const classifier = await promptune.createClassifier({ ...pretrained, adapter });
      const classified = await classifier.classify(['a cat', 'dogs']);
      const { scores } = await promptune.evaluate({ ...pretrained, adapter, data, metrics: ['accuracy'] });

      const stop = new AbortController();
      const stopped = await promptune.trainAdapter({
        ...{ ...pretrained, ...preset, methodOptions: { numVirtualTokens: 10 }, maxSteps: 1000 },
        signal: stop.signal,
        onEvent: (event) => event.type === 'step' && event.step === 3 && stop.abort(),
      });
      return { labels: adapter.labels, classified, scores, stopped: stopped.stopped, steps: stopped.step };
    }, `${site.origin}/models/tiny`);
    expect(done.labels).toEqual(['cat', 'dog']);
    for (const { probabilities } of done.classified)
      expect(probabilities.cat! + probabilities.dog!).toBeCloseTo(1);
    expect(done.scores.accuracy!.value).toBeGreaterThanOrEqual(0);
    expect(done.stopped).toBe(true);
    expect(done.steps).toBeLessThan(1000);
    await page.close();
  });

  it('says what is wrong in the same errors as in Node.js', async () => {
    const page = await open();
    const errors = await page.evaluate(async () => {
      const { promptune, preset, errors } = scope;
      const pretrained = await promptune.fromPretrained();
      const told = (promise: Promise<unknown>) =>
        promise.then(
          () => 'no error',
          (error) => ({
            kind: errors.findIndex((kind) => error instanceof kind),
            code: error.code,
            message: error.message,
            problems: error.problems,
          }),
        );
      return {
        option: await told(promptune.trainAdapter({ ...pretrained, ...preset, learningRate: -1 })),
        name: await told(promptune.fromPretrained('no-such-model')),
        missing: await told(promptune.fromPretrained(`${location.origin}/nothing`)),
        zip: await told(promptune.loadAdapter(new File(['no zip'], 'a.zip'), pretrained.model)),
        own: await told(promptune.trainAdapter({ ...pretrained, ...preset, template: (() => '') as never })),
        note: await told(promptune.noteRun('no-such-run', 'a note')),
        deleted: await new Promise((resolve) => {
          let deleted: Promise<unknown> | undefined;
          const onEvent = ({ type }: { type: string }) => {
            if (type === 'step') deleted ??= told(promptune.deleteRun('at work'));
          };
          const run = { ...pretrained, ...preset, output: 'at work', maxSteps: 3, onEvent };
          promptune.trainAdapter(run).then(async () => resolve(await deleted), resolve);
        }),
      };
    });
    expect(errors.option).toMatchObject({
      kind: 0,
      code: 'invalid-option',
      problems: [{ path: ['learningRate'] }],
    });
    expect(errors.name).toMatchObject({ kind: 0, code: 'not-found' });
    expect(errors.missing).toMatchObject({ kind: 2, code: 'not-found' });
    expect(errors.zip).toMatchObject({
      kind: 2,
      code: 'damaged-file',
      message: expect.stringContaining('a.zip'),
    });
    expect(errors.note).toMatchObject({ kind: 0, code: 'not-found' });
    expect(errors.deleted).toMatchObject({ kind: 0, code: 'unavailable' });
    expect(errors.own).toMatchObject({ kind: 0, code: 'unsupported', problems: [{ path: ['template'] }] });
    await page.close();
  });

  it('computes on a GPU what it computes on the CPU', async () => {
    const withGpu = await startChromium(['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']);
    try {
      const page = await withGpu.newPage();
      await page.goto(`${site.origin}/`);
      const results: { device: string; losses: number[]; ids: readonly number[] }[] = [];
      for (const device of ['cpu', 'webgpu']) {
        await page.evaluate(`globalThis.startOptions = { device: '${device}' }`);
        await page.evaluate(`(async () => {${setUp}})()`);
        const result = await page.evaluate(async (address) => {
          const { promptune } = scope;
          const pretrained = await promptune.fromPretrained(address);
          const losses: number[] = [];
          const { adapter } = await promptune.trainAdapter({
            ...pretrained,
            data: [{ prompt: 'a cute', completion: ' cat' }],
            methodOptions: { numVirtualTokens: 3 },
            maxSteps: 3,
            onEvent: (event) => event.type === 'step' && losses.push(event.loss),
          });
          const generator = await promptune.createTextGenerator({ ...pretrained, adapter });
          const { ids } = await generator.generate('a cute', { maxNewTokens: 8, eosTokenId: [] });
          const { device } = promptune.environment;
          promptune.close();
          return { device, losses, ids };
        }, `${site.origin}/models/tiny`);
        results.push(result);
      }
      const [cpu, gpu] = results as [(typeof results)[0], (typeof results)[0]];
      expect([cpu.device, gpu.device]).toEqual(['cpu', 'webgpu']);
      expect(cpu.losses).toHaveLength(3);
      for (const [step, loss] of cpu.losses.entries())
        expect(Math.abs(gpu.losses[step]! - loss)).toBeLessThan(1e-4);
      expect(gpu.ids).toEqual(cpu.ids);
    } finally {
      await withGpu.close();
    }
  });

  it('works with one thread, and says so in the language of the page, where pages are not isolated', async () => {
    const plain = await startSite({ isIsolated: false });
    try {
      const page = await open(undefined, plain.origin);
      const { environment, chinese, problem, steps } = await page.evaluate(async () => {
        const { promptune, preset } = scope;
        let steps = 0;
        await promptune.trainAdapter({
          ...{ ...preset, ...(await promptune.fromPretrained()), validation: undefined, maxSteps: 2 },
          onEvent: (event) => event.type === 'step' && steps++,
        });
        const [chinese, problem] = await Promise.all([
          promptune.speak('zh'),
          promptune.noteRun('a/b', '').catch((error: Error) => error.message),
        ]);
        return { environment: promptune.environment, chinese, problem, steps };
      });
      expect(environment).toMatchObject({ threads: 1, isIsolated: false });
      expect(environment.notes[0]).toMatch(/^one thread: .*Cross-Origin-Opener-Policy/);
      expect(chinese).toEqual({ ...environment, notes: [expect.stringMatching(/^只有一个线程：/)] });
      expect(problem).toContain('应为由字母、数字、空格和 ._- 组成的名字，得到 "a/b"');
      expect(steps).toBe(2);
    } finally {
      await plain.close();
    }
  });
});

async function presetInNode() {
  const text = await readFile(join(root, 'presets/recommend-zh.jsonl'), 'utf8');
  return {
    data: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    validation: 0.25,
    method: 'prompt-tuning' as const,
    methodOptions: { initText: '我喜欢苹果和梨。我想要桃子。' },
    template: "{{ soft(10) }}我喜欢{{ likes | join('和') }}。我想要",
    completionTemplate: '{{ recommendation }}',
    ...{ learningRate: 0.03, batchSize: 4, maxSteps: 20, evalEvery: 15 },
  };
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!.toFixed(3);
