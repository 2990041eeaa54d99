import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { composeAdapters } from '../attach/compose.js';
import type { Adapter, Learner, Method } from '../attach/method.js';
import { computeLogits } from '../evaluation/logits.js';
import { expectPeft } from '../formats/adapter-content.js';
import { readPeftAdapter } from '../formats/adapter-folder.fixture.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { type CombineOptions, combineAdapters } from './combine.js';
import { exportAsPrefix } from './export-prefix.js';
import { loadAdapter } from './load-adapter.js';
import { savable } from './saved-adapter.js';

useWarmRuntime();

let model: LanguageModel;
let root: string;
beforeAll(async () => {
  model = await loadTinyGpt2();
  root = await mkdtemp(join(tmpdir(), 'promptune-combine-'));
});
afterAll(() => rm(root, { recursive: true }));

const texts = [
  [5, 17, 60, 2, 33],
  [90, 1, 44],
];
const logits = async (adapter?: Adapter) =>
  (await computeLogits({ model, adapter, texts })).data as Float32Array;
const difference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

/** A learner with every tensor moved a little, and the folder that it was saved to. */
async function saved(method: string, config: object = {}, seed = 3): Promise<Learner & { folder: string }> {
  const learner = await methodNamed(method).createLearner({ model, config, tokenizer: characters, seed });
  const random = seededRandom(seed);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.1 * random.normal();
  const folder = await mkdtemp(join(root, 'adapter-'));
  await savable(learner).save(folder);
  return { ...learner, folder };
}

async function combined(
  parts: readonly { folder: string }[],
  options: Omit<CombineOptions, 'adapters' | 'output'>,
): Promise<string> {
  const output = join(await mkdtemp(join(root, 'combined-')), 'adapter');
  await combineAdapters({ adapters: parts.map(({ folder }) => folder), output, ...options });
  return output;
}

const vectors = async (folder: string) => (await readPeftAdapter(folder)).tensors.get('prompt_embeddings')!;

describe('soft prompts and prefixes', () => {
  it.each(['prompt-tuning', 'prefix-tuning'])('%s: averaged with weights', async (method) => {
    const parts = [
      await saved(method, { numVirtualTokens: 3 }),
      await saved(method, { numVirtualTokens: 3 }, 4),
    ];
    const folder = await combined(parts, { how: 'average', weights: [0.3, 0.7] });
    const [one, other] = parts.map(({ tensors }) => tensors.get('prompt_embeddings')!.data);
    const result = await vectors(folder);
    for (const [i, value] of result.data.entries())
      expect(value).toBeCloseTo(0.3 * one![i]! + 0.7 * other![i]!, 5);
    expect(await loadAdapter(folder, model)).toMatchObject({ method, numVirtualTokens: 3 });
    const values = [await loadAdapter(parts[0]!.folder, model), await parts[1]!.content()];
    const inMemory = await combineAdapters({ adapters: values, how: 'average', weights: [0.3, 0.7] });
    expect(inMemory.tensors.get('prompt_embeddings')).toEqual(result);
    const half = await vectors(await combined(parts, { how: 'average' }));
    expect(half.data[5]).toBeCloseTo((one![5]! + other![5]!) / 2, 5);
  });

  it.each(['prompt-tuning', 'prefix-tuning'])(
    '%s: one after the other, as they are used at once',
    async (method) => {
      const parts = [
        await saved(method, { numVirtualTokens: 3 }),
        await saved(method, { numVirtualTokens: 2 }, 4),
      ];
      const loaded = await loadAdapter(await combined(parts, { how: 'concatenate' }), model);
      expect(loaded.numVirtualTokens).toBe(5);
      expect(difference(await logits(loaded), await logits(composeAdapters(parts)))).toBeLessThan(1e-5);
    },
  );

  it('use the prompt that P-tuning computed', async () => {
    const parts = [
      await saved('p-tuning', { numVirtualTokens: 2, encoderHiddenSize: 4 }),
      await saved('prompt-tuning', { numVirtualTokens: 2, initText: 'ab' }),
    ];
    const { config, trainable } = await readPeftAdapter(await combined(parts, { how: 'concatenate' }));
    expect([config.peft_type, config.num_virtual_tokens, trainable]).toEqual(['PROMPT_TUNING', 4, undefined]);
  });
});

describe('LoRAs', () => {
  it('become a weighted sum, whatever their ranks, alphas and layers', async () => {
    const parts = [
      await saved('lora', { r: 2, loraAlpha: 6, targetModules: ['c_attn'] }),
      await saved('lora', { r: 3, useRslora: true, targetModules: ['c_attn', 'c_fc'] }, 4),
    ];
    const weights = [0.5, -1.25];
    const result = await loadAdapter(await combined(parts, { how: 'average', weights }), model);
    for (const [i, { tensors }] of parts.entries())
      for (const [name, { data }] of tensors)
        if (name.includes('lora_B')) for (let at = 0; at < data.length; at++) data[at]! *= weights[i]!;
    expect(difference(await logits(result), await logits(composeAdapters(parts)))).toBeLessThan(1e-5);
    expect(difference(await logits(result), await logits())).toBeGreaterThan(1e-2);
  });
});

it('factors of (IA)³ are averaged', async () => {
  const parts = [await saved('ia3'), await saved('ia3', {}, 4)];
  const result = await loadAdapter(await combined(parts, { how: 'average', weights: [0.25, 0.75] }), model);
  for (const [name, { data }] of result.tensors) {
    const [one, other] = parts.map(({ tensors }) => tensors.get(name)!.data);
    expect(data[3]).toBeCloseTo(0.25 * one![3]! + 0.75 * other![3]!, 6);
  }
});

it('adapters of your own method are combined by its definition', async () => {
  const mine: Method = {
    ...methodNamed('prompt-tuning'),
    name: 'mine',
    peftType: 'MINE',
    combining: {
      average: ([first], weights) => ({ tensors: first!.tensors, config: { seen: weights.length } }),
    },
  };
  const content = expectPeft(await (await saved('prompt-tuning')).content());
  const own = { ...content, config: { ...content.config, peft_type: 'MINE' } };
  const combining = { adapters: [own, own], how: 'average' } as const;
  expect((await combineAdapters({ ...combining, methods: [mine] })).config).toMatchObject({ seen: 2 });
  await expect(combineAdapters(combining)).rejects.toThrow('MINE cannot be combined in this way, only');
});

describe('what does not go together', () => {
  it('is refused with the reason', async () => {
    const [short, long] = [
      await saved('prompt-tuning', { numVirtualTokens: 2 }),
      await saved('prompt-tuning', { numVirtualTokens: 3 }),
    ];
    const [prefix, lora, dora] = [
      await saved('prefix-tuning'),
      await saved('lora'),
      await saved('lora', { useDora: true }),
    ];
    const tasks = await saved('multitask-prompt-tuning', { numTasks: 2 });
    const refused = (
      parts: { folder: string }[],
      options: Omit<CombineOptions, 'adapters' | 'output'>,
      message: string,
    ) => expect(combined(parts, options)).rejects.toThrow(message);
    await refused([short], { how: 'average' }, 'expected at least two adapters to combine, got 1');
    await refused([short, long], { how: 'average' }, 'it is [3, 32], and in');
    await refused(
      [short, short],
      { how: 'average', weights: [1] },
      'expected 2 weights, one per adapter, got 1',
    );
    await refused(
      [short, short],
      { how: 'average', weights: [1, Number.NaN] },
      'weights: NaN is not a finite number',
    );
    await refused([short, long], { how: 'concatenate', weights: [1, 1] }, 'weights are for an average');
    await refused(
      [short, prefix],
      { how: 'concatenate' },
      'PREFIX_TUNING cannot be combined with PROMPT_TUNING',
    );
    await refused([lora, lora], { how: 'concatenate' }, 'LORA cannot be combined in this way');
    await refused([tasks, tasks], { how: 'average' }, 'MULTITASK_PROMPT_TUNING cannot be combined');
    await refused([lora, dora], { how: 'average' }, '(use_dora): true is not supported');
  });
});

describe('a soft prompt as a prefix', () => {
  it.each([
    ['prompt-tuning', { numVirtualTokens: 4 }],
    ['p-tuning', { numVirtualTokens: 3, encoderHiddenSize: 4 }],
    ['prefix-tuning+prompt-tuning', { numVirtualTokens: 2 }],
  ])('%s gives the same scores', async (method, config) => {
    const learner = await saved(method, config);
    const folder = join(await mkdtemp(join(root, 'prefix-')), 'adapter');
    await exportAsPrefix(learner, model, folder);
    const prefix = await loadAdapter(folder, model);
    expect(prefix).toMatchObject({ method: 'prefix-tuning', numVirtualTokens: learner.numVirtualTokens });
    expect(difference(await logits(prefix), await logits(learner))).toBeLessThan(1e-5);
    expect(difference(await logits(prefix), await logits())).toBeGreaterThan(1e-2);
  });

  it('is the prompt of one task, if there are several', async () => {
    const tasks = (
      await saved('multitask-prompt-tuning', { numVirtualTokens: 2, numTasks: 2 })
    ).tasks!.adapterFor(1);
    const folder = join(await mkdtemp(join(root, 'prefix-')), 'adapter');
    await exportAsPrefix(tasks, model, folder);
    expect(difference(await logits(await loadAdapter(folder, model)), await logits(tasks))).toBeLessThan(
      1e-5,
    );
  });

  it.each([
    ['lora', {}, 'lora has no virtual tokens'],
    ['prompt-tuning+lora', {}, "changes the model's layers"],
    ['instance-prompt', {}, 'makes a prompt from each text'],
    ['multitask-prompt-tuning', { numTasks: 2 }, 'each task is a prefix of its own'],
  ])('cannot be made of %s', async (method, config, message) => {
    const learner = await saved(method, config);
    await expect(exportAsPrefix(learner, model, join(root, 'none'))).rejects.toThrow(message);
  });
});
