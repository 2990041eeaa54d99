import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { embeddingRows, makeGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { lossOn } from '../evaluation/loss.js';
import { createLossEvaluator, type LossEvaluator } from '../loss/evaluator.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { datasetOf } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import { type GcgOptions, gcgStep, type TokenPrompt } from './gcg.js';
import { createPromptStep, type PromptStep } from './prompt-step.js';
import { createTokenRanker, negated, type TokenRanker } from './token-ranking.js';

useWarmRuntime();

const size = 16;
const vocabSize = 24;
const ids = [3, 17, 8];
const all = new Uint8Array(vocabSize).fill(1);
const examples: EncodedExample[] = [
  { inputIds: Int32Array.of(5, 7, 20, 3, 11), lossMask: Uint8Array.of(0, 0, 1, 1, 1) },
  { inputIds: Int32Array.of(9, 2, 2), lossMask: Uint8Array.of(0, 1, 1) },
];

let model: LanguageModel;
let table: Float32Array[];
let prompt: TokenPrompt;
let step: PromptStep;
let ranker: TokenRanker;
let bare: LossEvaluator;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promptune-search-'));
  model = await makeGpt2(folder, { vocab_size: vocabSize });
  table = await embeddingRows(model, [...Array(vocabSize).keys()]);
  prompt = { ids, vectors: (await embedTokens(model, ids)).data };
  step = await createPromptStep(model, { numTokens: ids.length });
  ranker = await createTokenRanker({ model, allowed: all, by: 'product', count: vocabSize });
  bare = await createLossEvaluator(model, undefined);
  return async () => {
    for (const used of [step, ranker, bare]) await used.dispose();
    await rm(folder, { recursive: true });
  };
});

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

const options = (changes: Partial<GcgOptions> = {}): GcgOptions => ({
  step,
  ranker,
  survives: () => true,
  numCandidates: 1000,
  random: seededRandom(1),
  ...changes,
});

/** The loss of ids as ids: in one row with the example, by the bare model. */
async function plainLoss(candidate: readonly number[]): Promise<number> {
  const rows = examples.map(({ inputIds, lossMask }) => ({
    inputIds: Int32Array.from([...candidate, ...inputIds]),
    lossMask: Uint8Array.from([...candidate.map(() => 0), ...lossMask]),
  }));
  return (await lossOn(bare, datasetOf(rows), {})).loss;
}

describe('the gradient', () => {
  it('predicts the loss along one-hot directions as finite differences do', async () => {
    const { gradient } = await step.lossAndGradient(prompt.vectors, examples);
    const h = 0.01;
    for (const [position, id] of [
      [0, 5],
      [0, 23],
      [1, 0],
      [2, 14],
    ] as const) {
      const direction = table[id]!.map((value, i) => value - table[ids[position]!]![i]!);
      const moved = (by: number) => {
        const vectors = Float32Array.from(prompt.vectors);
        for (let i = 0; i < size; i++) vectors[position * size + i]! += by * direction[i]!;
        return step.loss(vectors, examples);
      };
      const difference = ((await moved(h)) - (await moved(-h))) / (2 * h);
      const predicted = dot(gradient.subarray(position * size, (position + 1) * size), direction);
      expect(Math.abs(predicted - difference)).toBeLessThan(1e-3 + 0.01 * Math.abs(difference));
      expect(Math.abs(predicted)).toBeGreaterThan(0.005);
    }
  });

  it('ranks every token of the vocabulary by its product with the embeddings', async () => {
    const { gradient } = await step.lossAndGradient(prompt.vectors, examples);
    const ranked = await ranker.rank(negated([3, size], gradient));
    for (const [position, order] of ranked.ids.entries()) {
      const products = table.map((row) =>
        dot(gradient.subarray(position * size, (position + 1) * size), row),
      );
      expect(order).toEqual([...products.keys()].sort((a, b) => products[a]! - products[b]!));
    }
    expect(ranked.embeddings.subarray(0, size)).toEqual(table[ranked.ids[0]![0]!]);
  });
});

describe('a step', () => {
  it('finds the same as exhaustive evaluation if it may try everything', async () => {
    const losses = new Map<string, number>();
    for (const position of ids.keys())
      for (let id = 0; id < vocabSize; id++) {
        const candidate = ids.with(position, id);
        losses.set(candidate.join(), await plainLoss(candidate));
      }
    const found = await gcgStep(prompt, examples, options());
    const [best, loss] = [...losses].sort(([, a], [, b]) => a - b)[0]!;
    expect(found.ids.join()).toBe(best);
    expect(found.loss).toBeCloseTo(loss, 5);
    expect(loss).toBeLessThan((await plainLoss(ids)) - 0.01);
    expect(found.vectors).toEqual((await embedTokens(model, found.ids)).data);
  });

  it('evaluates the requested number of distinct candidates that are text, by the seed', async () => {
    const run = async (seed: number) => {
      const seen: string[] = [];
      const asked: number[][] = [];
      const watched = {
        ...step,
        loss: async (vectors: Float32Array) => {
          seen.push(vectors.join());
          return 100;
        },
      };
      const survives = (candidate: readonly number[]) => {
        asked.push([...candidate]);
        return candidate[1] === 17;
      };
      const changes = { step: watched, survives, numCandidates: 10, random: seededRandom(seed) };
      expect(await gcgStep(prompt, examples, options(changes))).toMatchObject({ ids });
      expect(new Set(seen).size).toBe(10);
      for (const candidate of asked) expect(candidate.filter((id, i) => id !== ids[i])).toHaveLength(1);
      return seen;
    };
    const seen = await run(1);
    expect(seen).toHaveLength(10);
    expect(await run(1)).toEqual(seen);
    expect(await run(2)).not.toEqual(seen);
  });

  it('keeps the prompt if no candidate survives or is better, and never uses a forbidden token', async () => {
    const { loss } = await step.lossAndGradient(prompt.vectors, examples);
    expect(await gcgStep(prompt, examples, options({ survives: () => false }))).toEqual({ ...prompt, loss });
    const allowed = new Uint8Array(vocabSize);
    allowed[4] = allowed[9] = 1;
    const few = await createTokenRanker({ model, allowed, by: 'product', count: 10 });
    expect(few.count).toBe(2);
    const ranked = await few.rank(negated([3, size], prompt.vectors));
    await few.dispose();
    for (const order of ranked.ids) expect(order.toSorted()).toEqual([4, 9]);
  });
});
