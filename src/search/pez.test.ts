import { beforeAll, describe, expect, it } from 'vitest';
import { embeddingRows, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { float32Tensor } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';
import { createPez } from './pez.js';
import { createPromptStep } from './prompt-step.js';
import { createTokenRanker, type TokenRanker } from './token-ranking.js';

useWarmRuntime();

const size = 32;
let model: LanguageModel;
let table: Float32Array[];
let ranker: TokenRanker;
/** Every third token. */
const allowed = Uint8Array.from({ length: 96 }, (_, id) => (id % 3 === 0 ? 1 : 0));
beforeAll(async () => {
  model = await loadTinyGpt2();
  table = await embeddingRows(model, [...Array(96).keys()]);
  ranker = await createTokenRanker({ model, allowed, by: 'cosine', count: 1 });
  return () => ranker.dispose();
});

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b));
}

function randomVectors(rows: number): ReturnType<typeof float32Tensor> {
  const random = seededRandom(5);
  return float32Tensor(
    [rows, size],
    Array.from({ length: rows * size }, () => random.normal()),
  );
}

const examples: EncodedExample[] = [
  { inputIds: Int32Array.of(5, 7, 20, 3, 11), lossMask: Uint8Array.of(0, 0, 1, 1, 1) },
];

it('projects each row to the allowed token of the smallest angle', async () => {
  const vectors = randomVectors(6);
  const step = { lossAndGradient: () => Promise.reject(new Error('not asked for')) };
  const { ids, vectors: projected } = await createPez(vectors, {
    step,
    ranker,
    learningRate: 1,
    weightDecay: 0,
  }).project();
  const expected = Array.from({ length: 6 }, (_, row) => {
    const cosines = table.map((embedding, id) =>
      allowed[id] ? cosine(vectors.data.subarray(row * size, (row + 1) * size), embedding) : -2,
    );
    return cosines.indexOf(Math.max(...cosines));
  });
  expect(ids).toEqual(expected);
  expect(new Set(ids).size).toBeGreaterThan(3);
  expect(projected).toEqual((await embedTokens(model, ids)).data);
});

describe('the gradient goes straight through', () => {
  it('from the projection, where the model reads it, to the vectors, by AdamW', async () => {
    const vectors = randomVectors(4);
    const rows = vectors.data.length;
    const seen: Float32Array[] = [];
    const gradients = [1, 2].map((n) => Float32Array.from({ length: rows }, (_, i) => Math.sin(n * 37 * i)));
    const step = {
      lossAndGradient: async (read: Float32Array) => {
        seen.push(Float32Array.from(read));
        return { loss: seen.length, gradient: Float32Array.from(gradients[seen.length - 1]!) };
      },
    };
    const pez = createPez(vectors, { step, ranker, learningRate: 0.2, weightDecay: 0.1 });

    const [p, m, v] = [Float64Array.from(vectors.data), new Float64Array(rows), new Float64Array(rows)];
    for (const t of [1, 2]) {
      const projection = await pez.project();
      expect(await pez.update(projection, examples)).toBe(t);
      expect(seen.at(-1)).toEqual((await embedTokens(model, projection.ids)).data);
      gradients[t - 1]!.forEach((g, i) => {
        m[i] = 0.9 * m[i]! + 0.1 * g;
        v[i] = 0.999 * v[i]! + 0.001 * g * g;
        const step = m[i]! / (1 - 0.9 ** t) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
        p[i] = p[i]! * (1 - 0.2 * 0.1) - 0.2 * step;
      });
      for (const [i, value] of p.entries()) expect(pez.vectors.data[i]).toBeCloseTo(value, 4);
    }
  });

  it('and is that of the loss at the projection', async () => {
    const vectors = randomVectors(3);
    const step = await createPromptStep(model, { numTokens: 3 });
    const { vectors: projected } = await createPez(vectors, {
      step,
      ranker,
      learningRate: 1,
      weightDecay: 0,
    }).project();
    const { loss, gradient } = await step.lossAndGradient(projected, examples);
    expect(loss).toBeCloseTo(await step.loss(projected, examples), 5);
    for (const i of [0, 40, 95]) {
      const moved = (by: number) => step.loss(projected.with(i, projected[i]! + by), examples);
      expect(gradient[i]).toBeCloseTo(((await moved(0.02)) - (await moved(-0.02))) / 0.04, 2);
    }
    await step.dispose();
  });
});
