import { beforeAll, describe, expect, it } from 'vitest';
import { embeddingRows, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { float32Tensor } from '../tensor.js';
import { nearestTokens } from './nearest-tokens.js';

useWarmRuntime();

let model: LanguageModel;
let vocabulary: Float32Array[];
beforeAll(async () => {
  model = await loadTinyGpt2();
  vocabulary = await embeddingRows(model, [...Array(96).keys()]);
});

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const product = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x).reduce((sum, value, i) => sum + value * y[i]!, 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

describe('nearestTokens', () => {
  it('are those of the largest cosines, largest first', async () => {
    const random = seededRandom(9);
    const vectors = float32Tensor(
      [4, 32],
      Float32Array.from({ length: 4 * 32 }, () => random.normal()),
    );
    const nearest = await nearestTokens(model, vectors, 7);
    expect(nearest).toHaveLength(4);
    for (const [row, tokens] of nearest.entries()) {
      const vector = vectors.data.subarray(row * 32, (row + 1) * 32);
      const cosines = vocabulary.map((embedding) => cosine(vector, embedding));
      const order = [...cosines.keys()].sort((a, b) => cosines[b]! - cosines[a]!).slice(0, 7);
      expect(tokens.map(({ id }) => id)).toEqual(order);
      for (const { id, similarity } of tokens) expect(similarity).toBeCloseTo(cosines[id]!, 5);
    }
  });

  it('of an embedding is its token, whatever its length, and five by default', async () => {
    const scaled = vocabulary[42]!.map((value) => 1000 * value);
    const [tokens] = await nearestTokens(model, float32Tensor([1, 32], scaled));
    expect(tokens).toHaveLength(5);
    expect(tokens![0]!.id).toBe(42);
    expect(tokens![0]!.similarity).toBeCloseTo(1, 6);
  });
});
