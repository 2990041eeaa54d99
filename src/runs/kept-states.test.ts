import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { workplace } from '../../test/support/workplace.js';
import { float16ToFloat32, float32ToFloat16 } from '../formats/half.js';
import { loadModel } from '../loading/load-model.js';
import { lossGraph } from '../loss/loss-graph.js';
import type { SharedRow } from '../loss/shared-rows.js';
import { lora } from '../methods/lora.js';
import { datasetOf } from '../text/dataset.js';
import { trainingSchema } from '../training/config.js';
import { type KeptStatesOptions, keepStates, type StatesRun } from './kept-states.js';

useWarmRuntime();

let root: string;
beforeAll(async () => {
  root = await workplace();
});
afterAll(() => rm(root, { recursive: true }));

const dataset = datasetOf(
  [
    [1, 2, 3, 4, 5],
    [6, 7],
    [8, 9, 10],
    [11, 12, 13, 14, 15, 16],
    [17, 18],
  ].map((ids) => ({
    inputIds: Int32Array.from(ids),
    lossMask: Uint8Array.from(ids, (_, i) => Number(i > 0)),
  })),
);

/** LoRA in the second of two layers, width 32. */
async function keep(options: KeptStatesOptions & Partial<StatesRun> & { epochs?: number } = {}) {
  const model = await loadModel(join(import.meta.dirname, '../../test/golden/cases/gpt2__base/model'));
  const config = { layersToTransform: [1] };
  const learner = await lora.createLearner({ model, config, seed: 1, tokenizer: { encode: () => [] } });
  const graph = lossGraph(model, learner, { differentiate: true });
  const { keptStates, keptStatesLimit, epochs = 3, ...others } = options;
  const training = trainingSchema.parse({ learningRate: 0.1, batchSize: 2, epochs });
  const data = { dataset, validation: dataset };
  return keepStates({
    model,
    learner,
    graph,
    data,
    config: { ...training, keptStates, keptStatesLimit },
    ...others,
  });
}

const statesOf = async ({ data }: Awaited<ReturnType<typeof keep>>) => {
  const rows = (await Promise.all([3, 0, 1, 2, 4].map((index) => data.dataset.get(index)))) as SharedRow[];
  return rows.map(({ states }) => states!.map((state) => [...state]));
};

describe('keepStates', () => {
  it('gives each example the states that its batch of the first epoch gives it, once', async () => {
    const kept = await keep();
    // At most: training and validation, with a row more per example than it has tokens.
    expect(kept.summary).toEqual({
      bytes: 2 * 4 * 32 * (18 + 5),
      place: 'memory',
      share: expect.any(Number),
    });
    const first = await statesOf(kept);
    expect(first.map((states) => states.map(({ length }) => length))).toEqual(
      [6, 5, 2, 3, 2].map((tokens) => [32 * (tokens - 1)]),
    );
    expect(await statesOf(kept)).toEqual(first);
    await kept.dispose();
    expect(await statesOf(await keep({ epochs: 1 }))).toEqual(first);
  });

  it('keeps in the folder what is too large for memory, and finds it again', async () => {
    const folder = join(root, 'states');
    const wanted = await keep();
    const kept = await keep({ folder, memoryLimit: 0 });
    expect(kept.summary?.place).toBe('folder');
    expect(await statesOf(kept)).toEqual(await statesOf(wanted));
    const names = await readdir(folder);
    expect(names).toHaveLength(3);
    const times = () => Promise.all(names.map(async (name) => (await stat(join(folder, name))).mtimeMs));
    const before = await times();
    const again = await keep({ folder, memoryLimit: 0 });
    expect(await statesOf(again)).toEqual(await statesOf(wanted));
    expect(await times()).toEqual(before);
    await Promise.all([wanted, kept, again].map(({ dispose }) => dispose()));
  });

  it('rounds them to 16 bits on demand', async () => {
    const [exact, rounded] = [await keep(), await keep({ keptStates: 'fp16' })];
    expect(rounded.summary!.bytes).toBe(exact.summary!.bytes / 2);
    const [wanted, found] = [await statesOf(exact), await statesOf(rounded)];
    const round = (state: number[]) => [...float16ToFloat32(float32ToFloat16(Float32Array.from(state)))];
    expect(found).toEqual(wanted.map((states) => states.map(round)));
    await exact.dispose();
    await rounded.dispose();
  });

  it.each([
    ['not wanted', { keptStates: 'none' }],
    ['larger than the limit', { keptStatesLimit: 0.001 }],
    ['too large for memory, without a folder', { memoryLimit: 0 }],
  ] as const)('leaves the graph whole where states are %s', async (_, options) => {
    const { graph, data, summary } = await keep(options);
    expect([...graph.inputs.keys()]).toContain('input_ids');
    expect(data.dataset).toBe(dataset);
    expect(summary).toBeUndefined();
  });
});
