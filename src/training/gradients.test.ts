import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addGradients, clipGradients, firstNonFinite } from './gradients.js';

const gradientsOf = (tensors: Record<string, number[]>) =>
  new Map(Object.entries(tensors).map(([name, data]) => [name, Float32Array.from(data)]));

test('clipping scales all tensors by the global norm, as torch', async () => {
  const gradients = gradientsOf({ a: [3, 4], b: [12] });
  expect(await clipGradients(gradients, 2)).toBe(13);
  // Printed by torch 2.15's clip_grad_norm_([a, b], 2.0).
  expect([...gradients.get('a')!]).toEqual([expect.closeTo(0.46153843, 7), expect.closeTo(0.61538458, 7)]);
  expect(gradients.get('b')![0]).toBeCloseTo(1.84615374, 7);
});

test('gradients within the norm, and any with norm 0, stay as they are', async () => {
  for (const maxNorm of [5.1, 0]) {
    const gradients = gradientsOf({ a: [3, 4] });
    expect(await clipGradients(gradients, maxNorm)).toBe(5);
    expect([...gradients.get('a')!]).toEqual([3, 4]);
  }
  expect(await clipGradients(gradientsOf({ a: [0, 0] }), 1)).toBe(0);
});

test('the norm is right and never exceeds the maximum after clipping', async () => {
  const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(numbers, fc.double({ min: 1e-3, max: 10, noNaN: true }), async (data, maxNorm) => {
      const gradients = gradientsOf({ a: data });
      const expected = Math.hypot(...data);
      expect(Math.abs((await clipGradients(gradients, maxNorm)) - expected)).toBeLessThanOrEqual(
        1e-12 * expected,
      );
      expect(await clipGradients(gradients, 0)).toBeLessThanOrEqual(maxNorm * (1 + 1e-6));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a gradient that is not finite shows in the norm and scales nothing', async () => {
  const infinite = gradientsOf({ a: [1, 2], b: [Number.NEGATIVE_INFINITY] });
  expect(await clipGradients(infinite, 1)).toBe(Number.POSITIVE_INFINITY);
  expect([...infinite.get('a')!]).toEqual([1, 2]);
  expect(await clipGradients(gradientsOf({ a: [Number.NaN] }), 1)).toBeNaN();
});

test('firstNonFinite names the tensor, wherever in it the number stands', async () => {
  const long = new Float32Array(200_000);
  expect(await firstNonFinite([['long', long]])).toBeUndefined();
  long[199_999] = Number.NaN;
  expect(
    await firstNonFinite([
      ['short', Float32Array.of(1)],
      ['long', long],
    ]),
  ).toBe('long');
  expect(
    await firstNonFinite([
      ['short', Float32Array.of(Number.POSITIVE_INFINITY)],
      ['long', long],
    ]),
  ).toBe('short');
});

test('addGradients adds by name', async () => {
  const sum = gradientsOf({ a: [1, 2], b: [3] });
  await addGradients(sum, gradientsOf({ b: [10], a: [20, 30] }));
  expect(sum).toEqual(gradientsOf({ a: [21, 32], b: [13] }));
});
