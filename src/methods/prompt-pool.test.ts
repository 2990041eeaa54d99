/** @file The prompt pool against a plain evaluation of its paper's equations, in JavaScript's double precision. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { characters, embeddingRows, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { filesReadWith } from '../adapters/option-files.js';
import { savable } from '../adapters/saved-adapter.js';
import type { Adapter, Learner } from '../attach/method.js';
import { computeLogits } from '../evaluation/logits.js';
import { readPeftAdapter } from '../formats/adapter-folder.fixture.js';
import { constant, input, iota, reshape, toOnnx } from '../graph/index.js';
import { createModelStep } from '../loss/model-step.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { Session } from '../runtime/index.js';
import { float32Tensor, int64Tensor } from '../tensor.js';
import { modelTexts } from './parts/model-texts.js';
import { promptPool } from './prompt-pool.js';

useWarmRuntime();

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const poolSize = 6;
const topN = 2;
const promptLength = 3;
const hiddenSize = 32;
const weight = 0.7;
const learn = (config: object = {}): Promise<Learner> =>
  promptPool.createLearner({
    model,
    config: { poolSize, topN, promptLength, keyLossWeight: weight, ...config },
    tokenizer: characters,
    seed: 5,
    files: filesReadWith({}),
  });

const rows = [
  { ids: [5, 17, 80, 3, 41, 9, 9], given: 3 },
  { ids: [60, 2, 33], given: 1 },
  { ids: [8, 90, 1, 44, 20], given: 4 },
  { ids: [70, 71, 72, 90], given: 2 },
];
const examples = rows.map(({ ids, given }) => ({
  inputIds: Int32Array.from(ids),
  lossMask: Uint8Array.from(ids, (_, i) => (i < given ? 0 : 1)),
}));

/** q(x): the mean of the model's last states over the tokens, standardized. */
async function query(ids: readonly number[], { mean, deviation }: Statistics): Promise<number[]> {
  const length = ids.length;
  const weights = model.weights();
  const { hidden } = model.forward(weights, {
    embeddings: model.embed(weights, input('ids', 'int64', [length])),
    batch: 1,
    length,
    positions: reshape(iota(length), [1, length]),
  });
  const session = await Session.create(toOnnx({ hidden }).bytes, { weights: model.files });
  const states = (await session.run({ ids: int64Tensor([length], ids) })).hidden!.data as Float32Array;
  await session.dispose();
  return Array.from({ length: hiddenSize }, (_, i) => {
    const own = Array.from({ length }, (_, position) => states[position * hiddenSize + i]!);
    return (own.reduce((a, b) => a + b) / length - mean[i]!) / deviation[i]!;
  });
}

interface Statistics {
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** What is written to the file beside the trained tensors. */
async function statisticsOf(learner: Learner): Promise<Statistics> {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-pool-'));
  await savable(learner).save(join(folder, 'adapter'));
  const { tensors } = await readPeftAdapter(join(folder, 'adapter'));
  await rm(folder, { recursive: true });
  return { mean: tensors.get('query_mean')!.data, deviation: tensors.get('query_deviation')!.data };
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return product / Math.sqrt(aa * bb);
}

/** The N keys that are most like q, the most alike first. */
function chosen(q: readonly number[], keys: ArrayLike<number>): { index: number; cosine: number }[] {
  return Array.from({ length: poolSize }, (_, index) => {
    const key = Array.from({ length: hiddenSize }, (_, i) => keys[index * hiddenSize + i]!);
    return { index, cosine: cosine(q, key) };
  })
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, topN);
}

/** Random keys: those of a fresh learner are of texts, and the texts of this test might all choose the same. */
async function randomPool(config?: object): Promise<Learner> {
  const learner = await learn(config);
  const random = seededRandom(3);
  const { data } = learner.tensors.get('pool_keys')!;
  for (let i = 0; i < data.length; i++) data[i] = random.normal();
  return learner;
}

it('puts the prompts before a text whose keys are most like it', async () => {
  const learner = await randomPool();
  const statistics = await statisticsOf(learner);
  const choices = new Set<string>();
  for (const { ids } of rows) {
    const best = chosen(await query(ids, statistics), learner.tensors.get('pool_keys')!.data);
    choices.add(best.map(({ index }) => index).join());
    const size = promptLength * hiddenSize;
    const vectors = best.flatMap(({ index }) =>
      Array.from(learner.tensors.get('pool_prompts')!.data.subarray(index * size, (index + 1) * size)),
    );
    const fixed: Adapter = {
      method: 'fixed',
      tensors: new Map(),
      numVirtualTokens: topN * promptLength,
      attach: () => ({ prompt: constant(float32Tensor([topN * promptLength, hiddenSize], vectors)) }),
    };
    const expected = await computeLogits({ model, adapter: fixed, texts: [ids] });
    const found = await computeLogits({ model, adapter: learner, texts: [ids] });
    for (const [i, value] of expected.data.entries()) expect(found.data[i]).toBeCloseTo(value, 4);
  }
  expect(choices.size).toBeGreaterThan(1);
});

it('pulls chosen keys by λ Σ (1 - cosine), once per label token, and does not change the reported loss', async () => {
  const learner = await randomPool();
  const statistics = await statisticsOf(learner);
  const queries = await Promise.all(rows.map(({ ids, given }) => query(ids.slice(0, given), statistics)));
  const penalty = (keys: ArrayLike<number>) =>
    rows.reduce((sum, { ids, given }, row) => {
      const best = chosen(queries[row]!, keys);
      return sum + (ids.length - given) * weight * best.reduce((part, { cosine }) => part + 1 - cosine, 0);
    }, 0);

  const step = await createModelStep(model, learner);
  const scale = 1 / 13;
  const { lossSum, gradients } = await step.run(examples, scale);
  expect(lossSum).toBeCloseTo((await step.evaluate(examples)).lossSum, 4);
  const keys = Array.from(learner.tensors.get('pool_keys')!.data);
  const found = gradients.get('pool_keys')!;
  const size = 1e-4;
  for (const [i, key] of keys.entries()) {
    const at = (value: number) => penalty(keys.with(i, value));
    const slope = (scale * (at(key + size) - at(key - size))) / (2 * size);
    expect(found[i]).toBeCloseTo(slope, 4);
  }
  expect(Math.max(...found.map(Math.abs))).toBeGreaterThan(1e-3);

  // Cut into micro-batches it is the same.
  const parts = [await step.run(examples.slice(0, 1), scale), await step.run(examples.slice(1), scale)];
  for (const [name, whole] of gradients)
    for (const [i, value] of whole.entries())
      expect(parts[0]!.gradients.get(name)![i]! + parts[1]!.gradients.get(name)![i]!).toBeCloseTo(value, 4);
  await step.dispose();

  // Without the penalty nothing moves the keys, and the prompts move the same way.
  const free = await randomPool({ keyLossWeight: 0 });
  const freeStep = await createModelStep(model, free);
  const without = (await freeStep.run(examples, scale)).gradients;
  expect(without.get('pool_keys')!.every((value) => value === 0)).toBe(true);
  for (const [i, value] of gradients.get('pool_prompts')!.entries())
    expect(without.get('pool_prompts')![i]).toBeCloseTo(value, 5);
  await freeStep.dispose();
});

it('starts with tokens for prompts, and keys that are queries of texts', async () => {
  const learner = await learn();
  expect(learner.numVirtualTokens).toBe(topN * promptLength);
  const vocabulary = await embeddingRows(
    model,
    Array.from({ length: 96 }, (_, id) => id),
  );
  const first = Array.from(learner.tensors.get('pool_prompts')!.data.subarray(0, hiddenSize));
  expect(vocabulary.some((row) => first.every((value, i) => Math.abs(value - row[i]!) < 1e-6))).toBe(true);
  // Standardized over all of their tokens, the texts' means are around zero, and smaller than single tokens are.
  const keys = learner.tensors.get('pool_keys')!.data;
  for (let i = 0; i < hiddenSize; i++) {
    const column = Array.from({ length: poolSize }, (_, key) => keys[key * hiddenSize + i]!);
    expect(column.reduce((a, b) => a + b) / poolSize).toBeCloseTo(0, 4);
    expect(Math.hypot(...column) / Math.sqrt(poolSize)).toBeLessThan(1.001);
  }
  expect(
    (await modelTexts(model, { count: 2, length: 5 }, seededRandom(1))).map((ids) => ids.length),
  ).toEqual([5, 5]);
});

it.each([
  [{ topN: 7 }, 'topN: expected at most poolSize'],
  [{ promptLength: 40 }, "topN 2 times promptLength 40 leaves no room in the model's 64 positions"],
])('refuses %j', async (config, message) => {
  await expect(learn(config)).rejects.toThrow(message);
});
