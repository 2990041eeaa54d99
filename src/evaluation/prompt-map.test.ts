import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { embeddingRows, loadTinyGpt2, tinyGpt2Folder } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { promptVectors } from '../adapters/prompt-vectors.js';
import { UsageError } from '../errors.js';
import { readAdapter } from '../formats/adapter-folder.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { float32Tensor } from '../tensor.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { principalAxes } from './principal-axes.js';
import { promptMap } from './prompt-map.js';

useWarmRuntime();

const tokenizer = { tokenOf: (id) => `<${id}>` } as Partial<Tokenizer> as Tokenizer;

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

describe('promptMap', () => {
  it('has norms, distances, nearest tokens and the vectors among them', async () => {
    const [a, b] = await embeddingRows(model, [3, 42]);
    const vectors = float32Tensor([2, 32], [...a!.map((x) => 2 * x), ...b!]);
    const start = float32Tensor([2, 32], [...b!, ...b!]);
    const map = await promptMap({
      ...{ model, tokenizer, vectors, nearest: 3, sample: 10 },
      earlier: [{ step: 0, vectors: start }],
      step: 7,
    });
    const [first, second] = map.vectors;
    expect(first!.norm).toBeCloseTo(2 * Math.hypot(...a!), 4);
    expect(first!.nearest).toHaveLength(3);
    expect(first!.nearest[0]).toEqual({
      ...{ id: 3, token: '<3>', similarity: expect.closeTo(1, 5) },
      distance: expect.closeTo(Math.hypot(...a!), 4), // it is twice as long
    });
    expect(second!.nearest[0]).toMatchObject({ id: 42, distance: expect.closeTo(0, 5) });
    // Points are by direction, so a vector lies where its token does, whatever its length.
    const ofToken = map.vocabulary.find(({ id }) => id === 3)!;
    expect(ofToken.isNear).toBe(true);
    for (const axis of [0, 1]) expect(first!.point[axis]).toBeCloseTo(ofToken.point[axis]!, 4);
    expect(first!.path.map(({ step }) => step)).toEqual([0, 7]);
    expect(first!.path[1]).toEqual({ step: 7, point: first!.point, distance: 0 });
    for (const axis of [0, 1]) expect(first!.path[0]!.point[axis]).toBeCloseTo(second!.point[axis]!, 5);
    const apart = Math.hypot(...a!.map((x, i) => 2 * x - b![i]!));
    expect(first!.path[0]!.distance).toBeCloseTo(apart, 4);
    expect(map.distances[0]![1]).toBeCloseTo(apart, 4);
    expect(map.distances[1]![1]).toBe(0);
    expect(map.similarities[0]![0]).toBeCloseTo(1, 5);
    expect(map.similarities[0]![1]).toBe(map.similarities[1]![0]);
    expect(map.vocabulary.filter(({ isNear }) => !isNear).length).toBeLessThanOrEqual(10);
    expect(map.vocabularyNorms).toEqual([...map.vocabularyNorms].sort((x, y) => x - y));
    expect(map.explained[0]).toBeGreaterThanOrEqual(map.explained[1]);
    expect(map.explained[0] + map.explained[1]).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('is of adapters with vectors in the space of the embeddings', async () => {
    const contentOf = (name: string) => readAdapter(join(tinyGpt2Folder, '../..', name, 'adapter'));
    expect(promptVectors(await contentOf('gpt2__prompt-tuning'), model).shape).toEqual([5, 32]);
    for (const name of ['gpt2__prefix-tuning', 'gpt2__lora', 'gpt2__multitask-prompt-tuning']) {
      const content = await contentOf(name);
      expect(() => promptVectors(content, model)).toThrow(UsageError);
    }
  });
});

describe('principalAxes', () => {
  it('are those of the largest variance', () => {
    const random = seededRandom(4);
    const rows = Array.from({ length: 200 }, () => {
      const [x, y, rest] = [5 * random.normal(), 2 * random.normal(), 0.1 * random.normal()];
      return Float32Array.of(0.6 * x - 0.8 * y + 9, 0.8 * x + 0.6 * y, rest);
    });
    const { project, explained } = principalAxes(rows);
    const moved = (dx: number, dy: number) =>
      project(Float32Array.of(rows[0]![0]! + dx, rows[0]![1]! + dy, rows[0]![2]!));
    const [from, along, across] = [moved(0, 0), moved(0.6, 0.8), moved(-0.8, 0.6)];
    expect(Math.abs(along[0] - from[0])).toBeCloseTo(1, 2);
    expect(Math.abs(along[1] - from[1])).toBeLessThan(0.1);
    expect(Math.abs(across[1] - from[1])).toBeCloseTo(1, 2);
    expect(explained[0]).toBeGreaterThan(0.8);
    expect(explained[0] + explained[1]).toBeGreaterThan(0.99);
  });

  it('are axes too where rows do not differ', () => {
    const { project, explained } = principalAxes([Float32Array.of(1, 2), Float32Array.of(1, 2)]);
    expect(project(Float32Array.of(1, 2))).toEqual([0, 0]);
    expect(explained).toEqual([0, 0]);
  });
});
