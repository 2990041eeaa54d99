import fc from 'fast-check';
import { expect, it } from 'vitest';
import { datasetOf } from './dataset.js';
import { packDataset } from './packing.js';

/** Examples whose every token says which example it is and where it stands there. */
const exampleOf = (example: number, length: number, labels: number) => ({
  inputIds: Int32Array.from({ length }, (_, i) => 1000 * example + i),
  lossMask: new Uint8Array(length).fill(1, length - labels),
});

it('puts every token into a row once, with its label, and no row is too long', async () => {
  const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 })), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 2, max: 20 }), async (sizes, length) => {
      const examples = sizes.map(([size, labels], i) => exampleOf(i, size, Math.min(size, labels)));
      const rows = packDataset(datasetOf(examples), { length, seed: 1 });
      const tokens: [number, number][] = [];
      for (let i = 0; i < rows.length; i++) {
        const { inputIds, lossMask } = await rows.get(i);
        expect(inputIds.length).toBeLessThanOrEqual(length);
        expect(rows.tokenCounts[i]).toBe(inputIds.length);
        expect(rows.labelCounts[i]).toBe(lossMask.reduce((sum, flag) => sum + flag, 0));
        inputIds.forEach((id, at) => {
          tokens.push([id, lossMask[at]!]);
        });
      }
      const all = examples.flatMap(({ inputIds, lossMask }) =>
        Array.from(inputIds, (id, i): [number, number] => [id, lossMask[i]!]),
      );
      expect(tokens.sort(([a], [b]) => a - b)).toEqual(all);
    }),
  );
});

it('cuts no example that fits into a row, and fills the fullest row that has room', async () => {
  const examples = [5, 4, 3, 2, 6].map((length, i) => exampleOf(i, length, length));
  const rows = packDataset(datasetOf(examples), { length: 10, seed: 7 });
  const whole = await Promise.all(
    Array.from({ length: rows.length }, async (_, i) => {
      const { inputIds } = await rows.get(i);
      return [...new Set(Array.from(inputIds, (id) => Math.floor(id / 1000)))].sort();
    }),
  );
  expect(whole).toEqual([
    [1, 4],
    [0, 2, 3],
  ]);
});

it('gives the same rows for the same seed, and refuses rows too short for a prediction', async () => {
  const dataset = datasetOf(Array.from({ length: 50 }, (_, i) => exampleOf(i, 3, 3)));
  const firstRow = async (seed: number) => [
    ...(await packDataset(dataset, { length: 30, seed }).get(0)).inputIds,
  ];
  expect(await firstRow(1)).toEqual(await firstRow(1));
  expect(await firstRow(1)).not.toEqual(await firstRow(2));
  expect(() => packDataset(dataset, { length: 1, seed: 1 })).toThrow('expected an integer from 2');
});
