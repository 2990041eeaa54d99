/** @file The life of an engine: adapters that come and go, requests that are left, too many of them, and its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { savable } from '../../src/adapters/saved-adapter.js';
import type { Adapter, Learner } from '../../src/attach/method.js';
import { placePrompt } from '../../src/attach/placed-prompt.js';
import { computeLogits } from '../../src/evaluation/logits.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import type { LanguageModel } from '../../src/models/model.js';
import { engineConnection } from '../../src/runtime/engine-connection.js';
import { Session } from '../../src/runtime/index.js';
import type { Choice, Selector } from '../../src/selection/selector.js';
import {
  ContextLengthError,
  createEngine,
  type Engine,
  type EngineOptions,
  type EngineRequest,
  type EngineToken,
  OverloadedError,
} from '../../src/serving/index.js';
import { loadTinyGpt2 } from '../support/tiny-gpt2.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { characterTokenizer, learned } from './adapters.js';

useWarmRuntime();

let model: LanguageModel;
let engine: Engine;
beforeAll(async () => {
  model = await loadTinyGpt2();
});
afterEach(() => engine.dispose());

const start = async (options: Partial<EngineOptions> = {}) => {
  engine = await createEngine({ model, tokenizer: characterTokenizer, ...options });
  return engine;
};
const tokensOf = async (request: EngineRequest): Promise<EngineToken[]> => {
  const tokens: EngineToken[] = [];
  for await (const token of await engine.submit(request)) tokens.push(token);
  return tokens;
};
const idsOf = async (request: EngineRequest): Promise<number[]> => {
  const ids: number[] = [];
  for await (const { id } of await engine.submit(request)) ids.push(id);
  return ids;
};
const asked = { prompt: [5, 17, 60], options: { maxNewTokens: 8, eosTokenId: [] } };

async function alone(adapter?: Adapter): Promise<readonly number[]> {
  const decoder = await createModelDecoder({ model, adapter });
  const [row] = await generate(decoder, [asked.prompt], asked.options);
  await decoder.dispose();
  return row!.ids;
}

describe('adapters', () => {
  it('fit the graph that is made when they come again, after one that could not be made', async () => {
    await start();
    await idsOf(asked); // makes the decoder
    const late = await learned(model, 'late-prompt-tuning', { numVirtualTokens: 3 });
    const lora = await learned(model, 'lora', { r: 2 });
    const create = Session.create.bind(Session);
    const failing = vi.spyOn(Session, 'create');
    for (const [name, adapter] of Object.entries({ late, lora })) {
      failing.mockImplementation((bytes, options) =>
        options?.cache ? Promise.reject(new Error('no memory')) : create(bytes, options),
      );
      await expect(engine.load(name, adapter)).rejects.toThrow('no memory');
      failing.mockImplementation(create);
      await engine.load(name, adapter);
      expect(await idsOf({ ...asked, model: name })).toEqual(await alone(adapter));
    }
    failing.mockRestore();
  });

  it('come, change and go while others are running', async () => {
    await start();
    const [soft, lora, other] = [
      await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }),
      await learned(model, 'lora', { r: 2 }),
      await learned(model, 'lora', { r: 7, targetModules: 'all-linear' }, 8),
    ];
    const long = idsOf({ prompt: [1, 2], options: { maxNewTokens: 60, eosTokenId: [] } });
    expect(await engine.load('soft', soft)).toMatchObject({ id: 'soft', parent: 'tiny-gpt2', maxLength: 60 });
    expect(await idsOf({ ...asked, model: 'soft' })).toEqual(await alone(soft));
    await engine.load('changes', lora);
    const before = idsOf({ ...asked, model: 'changes' });
    await engine.load('changes', other); // a higher rank, and more layers, than the slots had
    expect(await before).toEqual(await alone(lora));
    expect(await idsOf({ ...asked, model: 'changes' })).toEqual(await alone(other));
    expect([...engine.models.keys()]).toEqual(['tiny-gpt2', 'soft', 'changes']);
    expect(await engine.unload('soft')).toBe(true);
    expect(await engine.unload('soft')).toBe(false);
    await expect(engine.submit({ ...asked, model: 'soft' })).rejects.toThrow('there is no model "soft"');
    expect(await long).toHaveLength(60);
    expect(engine.stats()).toMatchObject({ keptPrompts: 0, keptPromptBytes: 0 });
  });

  it('keep the keys and values of their prompts once, however many use them', async () => {
    const soft = await learned(model, 'prompt-tuning', { numVirtualTokens: 4 });
    await start({ adapters: { soft } });
    const request = { ...asked, model: 'soft' };
    const [one, two] = await Promise.all([idsOf(request), idsOf(request)]);
    expect([one, two, await idsOf(request)]).toEqual([one, one, one]);
    // 4 positions of 2 layers, keys and values of 32 numbers
    expect(engine.stats()).toMatchObject({ keptPrompts: 1, keptPromptBytes: 4 * 2 * 2 * 32 * 4 });
    expect(await idsOf({ ...request, prompt: [] })).toHaveLength(8);
  });

  it('are there at every moment while they are replaced', async () => {
    const soft = await learned(model, 'prompt-tuning', { numVirtualTokens: 4 });
    await start({ adapters: { soft } });
    const running = engine.submit({ prompt: [1], options: { maxNewTokens: 60, eosTokenId: [] } });
    let isLoaded = false;
    const loaded = (async () => {
      for (const seed of [1, 2, 3])
        await engine.load('soft', await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }, seed));
      isLoaded = true;
    })();
    const isThere: boolean[] = [];
    while (!isLoaded) {
      isThere.push(engine.models.has('soft'));
      await new Promise((later) => setImmediate(later));
    }
    expect(isThere).not.toContain(false);
    await loaded;
    for await (const _ of await running);
  });

  it('of the same content share what is kept of them, and go one by one', async () => {
    const adapters = {
      soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }),
      lora: await learned(model, 'lora', { r: 2 }),
    };
    await start({ adapters: { ...adapters, soft2: adapters.soft, lora2: adapters.lora }, maxLoras: 1 });
    const ask = (id: string) => idsOf({ ...asked, model: id });
    const lora = await alone(adapters.lora);
    // With one slot, two that differed would wait for each other.
    expect(await Promise.all([ask('lora'), ask('lora2')])).toEqual([lora, lora]);
    const soft = await ask('soft');
    expect(await ask('soft2')).toEqual(soft);
    expect(engine.stats().keptPrompts).toBe(1);
    await engine.load('soft', adapters.soft);
    expect(engine.stats().keptPrompts).toBe(1);
    await engine.unload('soft');
    expect(await ask('soft2')).toEqual(soft);
    expect(engine.stats().keptPrompts).toBe(1);
    await engine.unload('soft2');
    expect(engine.stats().keptPrompts).toBe(0);
  });

  it('are refused with the reason if rows cannot use them separately', async () => {
    await start({ maxLoraRank: 4 });
    const load = async (method: string, config: object) =>
      engine.load('x', await learned(model, method, config));
    const tasks = { numVirtualTokens: 2, numTasks: 2 };
    await expect(load('multitask-prompt-tuning', tasks)).rejects.toThrow(
      'x cannot be served: it has several tasks',
    );
    await expect(load('full-fine-tuning', {})).rejects.toThrow('it replaces weights of the model');
    await expect(load('lora', { r: 5 })).rejects.toThrow('its rank 5 is above');
    await expect(load('prompt-tuning', { numVirtualTokens: 64 })).rejects.toThrow('leave no room');
    const broken = await learned(model, 'prompt-tuning', { numVirtualTokens: 2 });
    [...broken.tensors.values()][0]!.data[3] = Number.NaN;
    await expect(engine.load('x', broken)).rejects.toThrow('numbers that are not finite');
    expect(engine.models.has('x')).toBe(false);
    const refused: string[] = [];
    const other = await createEngine({
      ...{ model, tokenizer: characterTokenizer, adapters: { broken } },
      onRefused: (id) => refused.push(id),
    });
    expect([refused, [...other.models.keys()]]).toEqual([['broken'], ['tiny-gpt2']]);
    await other.dispose();
  });
});

it('a selector is a model that chooses a prompt for each text', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-serving-'));
  const soft = (await learned(model, 'prompt-tuning', { numVirtualTokens: 4 })) as Learner;
  await savable(soft).save(folder);
  const candidates = [
    { name: 'plain' },
    { name: 'asked', template: '>{text}' },
    { name: 'soft', adapter: folder },
  ];
  const choose = (text: string): Choice => {
    const index = 'abc'.indexOf(text[0]!);
    return { candidate: candidates[index]!, index, probabilities: [] };
  };
  const selector = {
    candidates,
    inputField: 'text',
    select: async (texts: readonly string[]) => texts.map(choose),
  };
  await start({ adapters: { soft } });
  const info = await engine.loadSelector('select', selector as unknown as Selector);
  expect(info).toMatchObject({ id: 'select', parent: 'tiny-gpt2', method: 'selector', maxLength: 60 });
  const { options } = asked;
  const chosen = (prompt: string) => idsOf({ model: 'select', prompt, options });
  expect(await Promise.all(['a cat', 'b cat', 'c cat'].map(chosen))).toEqual(
    await Promise.all([
      idsOf({ prompt: 'a cat', options }),
      idsOf({ prompt: '>b cat', options }),
      idsOf({ model: 'soft', prompt: 'c cat', options }),
    ]),
  );
  await expect(engine.submit({ model: 'select', prompt: [1] })).rejects.toThrow('give the prompt as a text');
  expect(await engine.unload('select')).toBe(true);
  await expect(chosen('a')).rejects.toThrow('there is no model "select"');
  await rm(folder, { recursive: true });
});

it('requests keep the versions that they name while a selector chooses for another', async () => {
  // Its prompts are computed by a session of its own, which ends when nobody needs the version.
  const each = await learned(model, 'instance-prompt', { numVirtualTokens: 4, encoder: 'linear' });
  const [candidate] = [{ name: 'plain' }];
  let open = () => {};
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  const selector = {
    candidates: [candidate],
    inputField: 'text',
    select: async () => {
      await isOpen;
      return [{ candidate, index: 0, probabilities: [] }];
    },
  };
  await start({ adapters: { each } });
  await engine.loadSelector('select', selector as unknown as Selector);
  const { options } = asked;
  const both = engine.submitAll(
    [
      { ...asked, model: 'each' },
      { model: 'select', prompt: 'a cat', options },
    ],
    1,
  );
  expect(await engine.unload('each')).toBe(true);
  await idsOf(asked); // a step, after which what nobody needs is freed
  open();
  const ids: number[] = [];
  for await (const { id } of (await both)[0]!) ids.push(id);
  expect(ids).toEqual(await alone(each));
});

describe('requests', () => {
  it('give log-probabilities of the model, before temperature and penalties', async () => {
    await start();
    const options = { maxNewTokens: 4, temperature: 1.7, topK: 0, seed: 3, eosTokenId: [] };
    for (const { id, logprob, alternatives } of await tokensOf({ prompt: [5, 6], options, logprobs: 96 })) {
      const all = alternatives!.map((one) => Math.exp(one.logprob));
      expect(all.reduce((sum, p) => sum + p)).toBeCloseTo(1, 5);
      expect(alternatives!.find((one) => one.id === id)!.logprob).toBe(logprob);
      expect(all).toEqual(all.toSorted((a, b) => b - a));
    }
  });

  it('give the log-probabilities of their prompts, as the evaluator of losses has them', async () => {
    const soft = await learned(model, 'prompt-tuning', { numVirtualTokens: 4 });
    const lora = await learned(model, 'lora', { r: 2, targetModules: 'all-linear' });
    await start({ adapters: { soft, lora }, prefillTokens: 7 });
    const prompt = Array.from({ length: 30 }, (_, i) => (i * 37) % 96);
    const options = { maxNewTokens: 1, eosTokenId: [] };
    for (const [name, adapter] of [['tiny-gpt2'], ['soft', soft], ['lora', lora]] as const) {
      const request = { model: name, prompt, options };
      const others = [idsOf(request), idsOf(request)]; // beside rows without scores
      const tokens = await tokensOf({ ...request, logprobs: 2, promptLogprobs: true });
      const scored = tokens.filter(({ isPrompt }) => isPrompt);
      const first = tokens.find(({ isPrompt }) => !isPrompt)!.id;
      expect((await Promise.all(others)).map(([id]) => id)).toEqual([first, first]);
      const logits = await computeLogits({ model, adapter, texts: [prompt] });
      expect(scored).toHaveLength(29);
      for (const [i, { id, logprob, alternatives }] of scored.entries()) {
        const row = logits.data.slice(i * 96, (i + 1) * 96);
        const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
        expect(id).toBe(prompt[i + 1]);
        expect(logprob).toBeCloseTo(row[id]! - total, 4);
        expect(alternatives![0]!.logprob).toBeCloseTo(Math.max(...row) - total, 4);
        expect(alternatives).toHaveLength(2);
      }
    }
  });

  it('end when canceled, by their signal or by their reader', async () => {
    await start({ maxRows: 1 });
    const long = { prompt: [1], options: { maxNewTokens: 60, eosTokenId: [] } };
    const stop = new AbortController();
    const running = engine.submit({ ...long, signal: stop.signal });
    const waiting = new AbortController();
    const queued = engine.submit({ ...long, signal: waiting.signal });
    const iterator = (await running)[Symbol.asyncIterator]();
    await iterator.next();
    waiting.abort(new Error('not wanted'));
    await expect((await queued)[Symbol.asyncIterator]().next()).rejects.toThrow('not wanted');
    stop.abort(new Error('left'));
    await expect(
      (async () => {
        while (!(await iterator.next()).done);
      })(),
    ).rejects.toThrow('left');
    for await (const _ of await engine.submit(long)) break;
    expect(await idsOf(asked)).toEqual(await alone());
    expect(engine.stats()).toMatchObject({ cancelled: 3, finished: 1, failed: 0, running: 0, waiting: 0 });
  });

  it('are refused if too many wait, or if they are invalid', async () => {
    await start({ maxRows: 1, maxWaiting: 1, maxCacheTokens: 40 });
    const first = engine.submit(asked);
    await expect(engine.submit(asked)).rejects.toThrow(OverloadedError);
    for await (const _ of await first);
    const submit = (request: Partial<EngineRequest>) => engine.submit({ ...asked, ...request });
    await expect(submit({ prompt: new Array(64).fill(1) })).rejects.toThrow(ContextLengthError);
    await expect(submit({ prompt: new Array(38).fill(1) })).rejects.toThrow('the server has room for 40');
    await expect(submit({ prompt: [96] })).rejects.toThrow('ids go from 0 to 95');
    await expect(submit({ prompt: [] })).rejects.toThrow('an empty prompt');
    await expect(submit({ options: { numBeams: 2 } })).rejects.toThrow('no beam search');
    expect(engine.stats()).toMatchObject({ rejected: 1, finished: 1 });
  });
});

describe('continuations of one prompt', () => {
  const prompt = Array.from({ length: 30 }, (_, i) => (i * 7) % 90);
  const options = { maxNewTokens: 6, temperature: 1, topK: 20, seed: 4, eosTokenId: [] };
  const read = async (generation: AsyncIterable<EngineToken>) => {
    const ids: number[] = [];
    for await (const { id } of generation) ids.push(id);
    return ids;
  };

  it.each(['base', 'soft', 'prefix', 'each', 'lora', 'placed'])(
    'are what each is alone: %s',
    async (name) => {
      const made = {
        soft: await learned(model, 'prompt-tuning', { numVirtualTokens: 4 }),
        prefix: await learned(model, 'prefix-tuning', { numVirtualTokens: 3 }),
        each: await learned(model, 'instance-prompt', { numVirtualTokens: 4, encoder: 'linear' }),
        lora: await learned(model, 'lora', { r: 2 }),
        placed: placePrompt(
          await learned(model, 'prompt-tuning', { numVirtualTokens: 2 }),
          '{text}{soft:2}',
          2,
        ),
      };
      await start({ adapters: made, maxRows: 3, prefillTokens: 8 });
      const request = {
        ...{ prompt: name === 'placed' ? [...prompt, 96, 97] : prompt, options },
        ...(name !== 'base' && { model: name }),
      };
      const expected = await Promise.all(
        [0, 1, 2, 3].map(async (seedRow) => read(await engine.submit({ ...request, seedRow }))),
      );
      const before = engine.stats();
      const generations = await engine.submitAll([request], 4);
      expect(await Promise.all(generations.map(read))).toEqual(expected);
      await engine.drain();
      expect(engine.stats().keptPrompts).toBe(before.keptPrompts); // the shared prompt is freed
    },
  );

  it('go on where the one that reads the prompt is left', async () => {
    await start({ maxRows: 2, prefillTokens: 4 });
    const [first, second] = await engine.submitAll([{ prompt, options }], 2);
    const leaving = first![Symbol.asyncIterator]();
    await new Promise((later) => setImmediate(later));
    await leaving.return?.();
    expect(await read(second!)).toEqual(await read(await engine.submit({ prompt, options, seedRow: 1 })));
  });
});

describe('the end', () => {
  it('finishes what it has, and takes no more', async () => {
    await start();
    const request = idsOf(asked);
    const drained = engine.drain();
    await expect(engine.submit(asked)).rejects.toThrow('about to end');
    await drained;
    expect(engine.stats()).toMatchObject({ finished: 1, running: 0 });
    expect(await request).toEqual(await alone());
  });

  it('of its worker fails the running requests, but not later ones', async () => {
    const adapters = {
      lora: await learned(model, 'lora', { r: 2 }),
      each: await learned(model, 'instance-prompt', { numVirtualTokens: 4, encoder: 'linear' }),
    };
    await start({ adapters });
    const iterator = (await engine.submit({ ...asked, options: { maxNewTokens: 60, eosTokenId: [] } }))[
      Symbol.asyncIterator
    ]();
    await iterator.next();
    await endWorker();
    await expect(
      (async () => {
        while (!(await iterator.next()).done);
      })(),
    ).rejects.toThrow('worker thread');
    for (const name of ['lora', 'each'] as const)
      expect(await idsOf({ ...asked, model: name })).toEqual(await alone(adapters[name]));
    expect(engine.stats()).toMatchObject({ failed: 1, finished: 2 });
  });
});

/** As a crash would. */
async function endWorker(): Promise<void> {
  const { port } = engineConnection() as unknown as { port: { terminate(): Promise<void> } };
  await port.terminate();
}
