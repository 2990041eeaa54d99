import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Adapter } from '../attach/method.js';
import { FileError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { readWeight } from '../formats/model-folder.js';
import { readAllFloat32 } from '../formats/safetensors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import { methodNamed } from '../methods/registry.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { loadAdapter } from './load-adapter.js';
import { mergeAdapter, mergedWeights, unmergedWeights } from './merge.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();
const texts = [[5, 17, 80, 3, 44]];

let model: LanguageModel;
let alone: ArrayLike<number>;
beforeAll(async () => {
  model = await loadTinyGpt2();
  alone = await logits(model);
});

/** An adapter as training would leave it. */
async function learned(method: string, config: object, base = model): Promise<Adapter> {
  const learner = await methodNamed(method).createLearner({
    model: base,
    config,
    tokenizer: characters,
    seed: 1,
  });
  const random = seededRandom(8);
  for (const { data } of learner.tensors.values())
    for (let i = 0; i < data.length; i++) data[i]! += 0.1 * random.normal();
  return learner;
}

const logits = async (base: LanguageModel, adapter?: Adapter) =>
  (await computeLogits({ model: base, adapter, texts })).data;

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

const kinds: readonly (readonly [string, object])[] = [
  ['lora', { r: 2, targetModules: 'all-linear' }],
  ['lora', { r: 4, loraAlpha: 6, useRslora: true, layersToTransform: [1] }],
  [
    'lora',
    {
      r: 4,
      rankPattern: { 'mlp\\.c_fc': 2 },
      alphaPattern: { c_attn: 3 },
      targetModules: ['c_attn', 'c_fc'],
    },
  ],
  ['lora', { r: 2, useDora: true, targetModules: 'all-linear' }],
  ['ia3', {}],
  ['ia3', { targetModules: 'all-linear', feedforwardModules: ['c_fc', 'attn.c_proj'] }],
];

describe.each(kinds)('%s %j', (method, config) => {
  it('gives a model that computes the same without the adapter', async () => {
    const adapter = await learned(method, config);
    const { changed } = await mergeAdapter({ model, adapter, output: inFolder('merged') });
    const merged = await loadModel(inFolder('merged'));
    const expected = await logits(model, adapter);
    expect(largestDifference(await logits(merged), expected)).toBeLessThan(5e-6);
    expect(largestDifference(alone, expected)).toBeGreaterThan(1e-2);
    const differing = await Promise.all(
      [...model.parameters.keys()].map(async (name) => {
        const [before, after] = [await readWeight(model.source, name), await readWeight(merged.source, name)];
        return largestDifference(before.data, after.data) > 0 ? 1 : 0;
      }),
    );
    expect(differing.reduce((sum: number, one) => sum + one, 0)).toBe(changed);
  });

  it.skipIf('useDora' in config)('can be undone', async () => {
    const adapter = await learned(method, config);
    await mergeAdapter({ model, adapter, output: inFolder('merged') });
    const before = await unmergedWeights(await loadModel(inFolder('merged')), adapter);
    expect(before.size).toBeGreaterThan(0);
    for (const [name, { data, shape }] of before) {
      const original = await readWeight(model.source, name);
      expect(shape).toEqual(original.shape);
      expect(largestDifference(data, original.data), name).toBeLessThan(1e-6);
    }
  });
});

it.each(['lora', 'ia3'])('agrees with what PEFT merges (%s)', async (method) => {
  const folder = join(import.meta.dirname, `../../test/golden/cases/gpt2__${method}`);
  const merged = await mergedWeights(model, await loadAdapter(join(folder, 'adapter'), model));
  const expected = await readAllFloat32(join(folder, 'merged.safetensors'));
  expect([...merged.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, { data }] of expected)
    expect(largestDifference(merged.get(name)!.data, data), name).toBeLessThan(1e-6);
});

describe('a square layer in either weight layout', () => {
  const name = 'transformer.h.0.attn.c_proj';
  const size = 32;

  /** The model as if its layer were stored in `layout`, which for a square one is another layer. */
  const withLayout = (layout: 'in-out' | 'out-in'): LanguageModel => ({
    ...model,
    linearLayers: new Map([[name, { inSize: size, outSize: size, layout }]]),
  });
  const read = async (parameter: string) => (await readWeight(model.source, parameter)).data;

  type Tensors = (part: string) => Float32Array;
  const low = (row: number[], out: number, tensor: Tensors, scale: number) => {
    const [a, b] = [tensor('lora_A.weight'), tensor('lora_B.weight')];
    return row.map((x, i) => x + scale * (b[out * 2]! * a[i]! + b[out * 2 + 1]! * a[size + i]!));
  };
  /** What becomes of a row of the weight, by the equations, number by number. */
  const mergedRows = {
    LoRA: (row: number[], out: number, tensor: Tensors) => low(row, out, tensor, 3 / 2),
    DoRA: (row: number[], out: number, tensor: Tensors) => {
      const changed = low(row, out, tensor, 3 / 2);
      return changed.map((x) => (tensor('lora_magnitude_vector')[out]! * x) / Math.hypot(...changed));
    },
    'IA3 on the output': (row: number[], out: number, tensor: Tensors) =>
      row.map((x) => tensor('ia3_l')[out]! * x),
    'IA3 on the input': (row: number[], _: number, tensor: Tensors) =>
      row.map((x, i) => tensor('ia3_l')[i]! * x),
  };

  const configs = {
    LoRA: ['lora', { r: 2, loraAlpha: 3 }],
    DoRA: ['lora', { r: 2, loraAlpha: 3, useDora: true }],
    'IA3 on the output': ['ia3', { feedforwardModules: [] }],
    'IA3 on the input': ['ia3', { feedforwardModules: ['c_proj'] }],
  } as const;

  const names = Object.keys(configs) as (keyof typeof configs)[];
  it.each(names.flatMap((kind) => (['in-out', 'out-in'] as const).map((layout) => [kind, layout] as const)))(
    '%s, %s',
    async (kind, layout) => {
      const base = withLayout(layout);
      const [method, config] = configs[kind];
      const adapter = await learned(method, { ...config, targetModules: ['c_proj'] }, base);
      const merged = await mergedWeights(base, adapter);
      const tensor = (part: string) => adapter.tensors.get(`base_model.model.${name}.${part}`)!.data;
      const at = (out: number, i: number) => (layout === 'out-in' ? out * size + i : i * size + out);
      const weight = await read(`${name}.weight`);
      const expected = new Float32Array(size * size);
      for (let out = 0; out < size; out++) {
        const row = Array.from({ length: size }, (_, i) => weight[at(out, i)]!);
        for (const [i, value] of mergedRows[kind](row, out, tensor).entries()) expected[at(out, i)] = value;
      }
      expect(largestDifference(merged.get(`${name}.weight`)!.data, expected)).toBeLessThan(1e-6);
      const bias = await read(`${name}.bias`);
      const scaled =
        kind === 'IA3 on the output' ? bias.map((x, out) => tensor('ia3_l')[out]! * x) : undefined;
      expect(merged.get(`${name}.bias`)?.data).toEqual(scaled);
    },
  );
});

describe('mergeAdapter', () => {
  it('notes how the model is used, which whoever opens it reads, and which is no adapter', async () => {
    const usage = { promptTemplate: 'Q: {question}\nA:', reading: { completionTemplate: ' {answer}' } };
    const adapter = { ...(await learned('ia3', {})), usage };
    await mergeAdapter({ model, adapter, output: inFolder('merged') });
    expect((await loadModel(inFolder('merged'))).source.usage).toEqual(usage);
    expect(model.source.usage).toBeUndefined();
    await expect(loadAdapter(inFolder('merged'), model)).rejects.toThrow('this is not an adapter folder');
  });

  it('stores 16-bit weights on request', async () => {
    const adapter = await learned('ia3', {});
    await mergeAdapter({ model, adapter, output: inFolder('merged'), dtype: 'bfloat16' });
    const { tensors } = (await loadModel(inFolder('merged'))).source;
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['BF16']));
    expect(JSON.parse(await readFile(inFolder('merged', 'config.json'), 'utf8')).dtype).toBe('bfloat16');
  });

  it('overwrites nothing', async () => {
    await mkdir(inFolder('merged'));
    const merging = mergeAdapter({ model, adapter: await learned('ia3', {}), output: inFolder('merged') });
    await expect(merging).rejects.toThrow(FileError);
    await expect(merging).rejects.toThrow('it exists already');
  });

  it.each([
    [
      'prompt-tuning',
      { numVirtualTokens: 2 },
      /prompt-tuning cannot be merged.*its prompt comes before every text/,
    ],
    ['prefix-tuning', { numVirtualTokens: 2 }, /its prompt comes before every text/],
    ['bottleneck-adapter', {}, /no weights of the model compute the same; use it as an adapter/],
  ])('refuses %s %j', async (method, config, message) => {
    const adapter = await learned(method, config);
    const merging = mergeAdapter({ model, adapter, output: inFolder('merged') });
    await expect(merging).rejects.toThrow(message);
    await expect(unmergedWeights(model, adapter)).rejects.toThrow('it cannot be merged either');
  });
});

describe('unmergedWeights', () => {
  it('refuses DoRA, and factors of zero', async () => {
    await expect(unmergedWeights(model, await learned('lora', { useDora: true }))).rejects.toThrow(
      'with DoRA they do not tell how long the rows were before',
    );
    const adapter = await learned('ia3', {});
    for (const { data } of adapter.tensors.values()) data[0] = 0;
    await expect(unmergedWeights(model, adapter)).rejects.toThrow('a factor of it is zero');
  });
});
