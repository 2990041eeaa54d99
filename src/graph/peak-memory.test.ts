/** @file What graphs take at once, counted by hand. */
import { describe, expect, it } from 'vitest';
import * as g from './index.js';

const n = 8;
const sizes = new Map([['n', n]]);
/** Bytes of [n, 4] in float32. */
const one = n * 4 * 4;
const peakOf = (outputs: Record<string, g.Value>) => g.toOnnx(outputs).peakBytes(sizes);

describe('peakBytes', () => {
  it('counts values that are alive at the same time, but neither inputs nor frozen weights', () => {
    const x = g.input('x', 'float32', ['n', 4]);
    const frozen = g.weight('w', 'float32', [4, 4], { location: 'file', offset: 0, byteLength: 64 });
    expect(peakOf({ y: g.matmul(x, frozen) })).toBe(one);
    // Each tanh is freed once the next is there.
    expect(peakOf({ y: g.tanh(g.tanh(g.tanh(x))) })).toBe(2 * one);
    // The first is kept for the end.
    const first = g.tanh(x);
    expect(peakOf({ y: g.add(first, g.tanh(g.tanh(first))) })).toBe(3 * one);
  });

  it('gives a reshape no memory of its own', () => {
    const x = g.input('x', 'float32', ['n', 4]);
    const flat = g.reshape(g.tanh(x), [g.multiplyDims('n', 4)]);
    expect(peakOf({ y: flat })).toBe(one);
    expect(peakOf({ y: g.exp(flat) })).toBe(2 * one);
  });

  it('keeps for the backward pass what its gradients need', () => {
    const x = g.input('x', 'float32', ['n', 4]);
    const layers = 5;
    let y = x;
    for (let layer = 0; layer < layers; layer++) y = g.tanh(y);
    const loss = g.reduceSum(y);
    const forward = peakOf({ loss });
    const [gradient] = g.gradients(loss, [x]);
    expect(forward).toBe(2 * one);
    // All five results, for tanh' = 1 - y², and what one step back makes of them.
    const both = peakOf({ loss, gradient: gradient });
    expect(both).toBeGreaterThanOrEqual(layers * one);
    expect(both).toBeLessThan((layers + 4) * one);
  });

  it('counts a packed matrix where it is unpacked, one at a time', () => {
    const packed = (name: string) =>
      g.packedWeight({
        name,
        rows: 64,
        columns: 64,
        values: { location: 'file', offset: 0, byteLength: 2 * 64 * 64 },
        transposed: false,
        format: 'float16',
      });
    const x = g.input('x', 'float32', ['n', 64]);
    const unpacked = 4 * 64 * 64;
    const result = 4 * n * 64;
    expect(peakOf({ y: g.matmul(g.matmul(x, packed('a')), packed('b')) })).toBe(2 * result + unpacked);
  });

  it('says which size is missing', () => {
    const y = g.tanh(g.input('x', 'float32', ['n', 'm']));
    expect(() => g.toOnnx({ y }).peakBytes(sizes)).toThrow('the size "m" has no value');
  });
});
