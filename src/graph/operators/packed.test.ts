import { expect, it } from 'vitest';
import { gradients, input, matmul, multiply, packedWeight, reduceSum, slice, toOnnx } from '../index.js';

const range = (byteLength: number) => ({ location: 'w', offset: 64, byteLength });
const matrix = {
  name: 'w',
  rows: 128,
  columns: 64,
  values: range(128 * 32),
  transposed: false,
  format: { bits: 4, scales: range(128 * 8), zeros: range(128) },
} as const;
const x = input('x', 'float32', ['n', 64]);
const textOf = (graph: { bytes: Uint8Array }) => Buffer.from(graph.bytes).toString('latin1');

it('is unpacked for forward and for backward, in nodes older than all others, so that ONNX Runtime unpacks late', () => {
  const y = matmul(x, packedWeight(matrix), { transposeB: true });
  const loss = reduceSum(multiply(y, y));
  const graph = toOnnx({ loss, gradient: gradients(loss, [x])[0] });
  const text = textOf(graph);
  expect(graph).toMatchObject({ hasPackedWeights: true, usesBlockProducts: false });
  // A node's type is field 4 of its message, with the length before it.
  const typeAt = (name: string) => text.lastIndexOf(`"${String.fromCharCode(name.length)}${name}`);
  expect(typeAt('DequantizeLinear')).toBeGreaterThan(0);
  expect(typeAt('DequantizeLinear')).toBeLessThan(text.indexOf(`"${String.fromCharCode(4)}Gemm`));
  expect(text.split(`"${String.fromCharCode(16)}DequantizeLinear`)).toHaveLength(3);
  expect(text).not.toContain('MatMulNBits');
});

it('is multiplied packed without a backward pass, and a part of its rows is a part of its file', () => {
  const y = matmul(x, slice(packedWeight(matrix), 0, 32, 96), { transposeB: true });
  expect(y.shape).toEqual(['n', 64]);
  const graph = toOnnx({ y });
  const text = textOf(graph);
  expect(graph).toMatchObject({ hasPackedWeights: true, usesBlockProducts: true });
  expect(text).toContain('MatMulNBits');
  expect(text).not.toContain('DequantizeLinear');
  expect(text).not.toContain('Slice');
  expect(text).toContain(`offset\x12\x04${64 + 32 * 32}`);
});
