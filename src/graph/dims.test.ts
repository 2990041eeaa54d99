import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDims,
  axisOf,
  broadcastShapes,
  type Dim,
  multiplyDims,
  polynomialOf,
  ShapeError,
  subtractDims,
} from './dims.js';

/** The number that a size stands for, given its symbols' values. */
function evaluate(dim: Dim, values: Record<string, number>): number {
  return [...polynomialOf(dim)].reduce((sum, [monomial, coefficient]) => {
    const factors = monomial.split('*').filter(Boolean);
    return sum + factors.reduce((product, symbol) => product * values[symbol]!, coefficient);
  }, 0);
}

const values = { a: 7, b: 11, c: 13 };
const size = fc.letrec<{ size: Dim }>((tie) => ({
  size: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Dim>('a', 'b', 'c'),
    fc.integer({ min: 0, max: 9 }),
    fc.tuple(tie('size'), tie('size')).map(([left, right]) => addDims(left, right)),
    fc.tuple(tie('size'), tie('size')).map(([left, right]) => multiplyDims(left, right)),
  ),
})).size;

describe('symbolic sizes', () => {
  it('print in one canonical form', () => {
    expect(addDims('length', 20)).toBe('20+length');
    expect(addDims(20, 'length')).toBe('20+length');
    expect(multiplyDims('length', 'batch')).toBe('batch*length');
    expect(multiplyDims(addDims('a', 1), addDims('a', 1))).toBe('1+2*a+a*a');
    expect(subtractDims(addDims('a', 5), 'a')).toBe(5);
    expect(subtractDims('a', 'a')).toBe(0);
  });

  it('agree with arithmetic on numbers', () => {
    fc.assert(
      fc.property(size, size, (x, y) => {
        expect(evaluate(addDims(x, y), values)).toBe(evaluate(x, values) + evaluate(y, values));
        expect(evaluate(multiplyDims(x, y), values)).toBe(evaluate(x, values) * evaluate(y, values));
        expect(addDims(x, y)).toBe(addDims(y, x));
        expect(subtractDims(addDims(x, y), y)).toBe(addDims(x));
      }),
    );
  });

  it('broadcast by equality, never by guessing that a symbol is 1', () => {
    expect(broadcastShapes(['batch', 1, 4], [3, 1])).toEqual(['batch', 3, 4]);
    expect(() => broadcastShapes(['batch'], ['length'])).toThrow(ShapeError);
    expect(() => broadcastShapes([2, 3], [2])).toThrow('shapes [2,3] and [2] do not broadcast: 3 vs. 2');
  });

  it('know which axes there are', () => {
    expect(axisOf(-1, 3)).toBe(2);
    expect(() => axisOf(3, 3)).toThrow('axis 3 is out of range for a shape of 3 axes');
  });
});
