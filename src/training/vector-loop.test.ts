import { expect, test } from 'vitest';
import { seededRandom } from '../random.js';
import { add, divide, multiply, sqrt, subtract, vectorLoop } from './vector-loop.js';

const { fround } = Math;

/** y ← (x - s)² / √(y + t), x ← s·(x - s)² + x */
const loop = vectorLoop(['x', 'y'], ['s', 't'], ({ at: { x, y }, scalars: { s, t }, once }) => {
  const apart = once(subtract(x, s));
  const square = once(multiply(apart, apart));
  return { y: divide(square, sqrt(add(y, t))), x: add(multiply(s, square), x) };
});

test.each([
  [0, 0],
  [0, 1],
  [3, 10],
  [5, 4095 + 5],
  [1, 4097],
  [2, 10_001],
])('computes the places from %i to %i alone, each in float32', (from, to) => {
  const random = seededRandom(to);
  const [x, y] = [0, 0].map(() => Float32Array.from({ length: to + 3 }, () => random.below(2000) / 1000));
  const [s, t] = [fround(0.3), fround(0.7)];
  const wanted = { x: x!.slice(), y: y!.slice() };
  for (let i = from; i < to; i++) {
    const apart = fround(x![i]! - s);
    const square = fround(apart * apart);
    wanted.y[i] = fround(square / fround(Math.sqrt(fround(y![i]! + t))));
    wanted.x[i] = fround(fround(s * square) + x![i]!);
  }
  loop({ x: x!, y: y! }, { s: 0.3, t: 0.7 }, from, to);
  expect(x).toEqual(wanted.x);
  expect(y).toEqual(wanted.y);
});

test('sees the old numbers of every array', () => {
  const swap = vectorLoop(['a', 'b'], [], ({ at: { a, b } }) => ({ a: b, b: a }));
  const arrays = { a: Float32Array.of(1, 2, 3, 4, 5), b: Float32Array.of(6, 7, 8, 9, 10) };
  swap(arrays, {}, 0, 5);
  expect([...arrays.a, ...arrays.b]).toEqual([6, 7, 8, 9, 10, 1, 2, 3, 4, 5]);
});

test('changes only the arrays of the formula, and hides no NaN', () => {
  const copy = vectorLoop(['from', 'to'], [], ({ at: { from } }) => ({ to: from }));
  const arrays = {
    from: Float32Array.of(1, Number.NaN, -0, Number.POSITIVE_INFINITY, 5),
    to: new Float32Array(5),
  };
  copy(arrays, {}, 0, 4);
  expect([...arrays.to]).toEqual([1, Number.NaN, -0, Number.POSITIVE_INFINITY, 0]);
  expect([...arrays.from]).toEqual([1, Number.NaN, -0, Number.POSITIVE_INFINITY, 5]);
});
