import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.js';
import { bytesPerRow, quantizedRows, quantizeRows } from './quantize.js';

/** What blocks stand for. */
function unpacked(bits: 4 | 8, columns: number, { scales, values, zeros }: ReturnType<typeof quantizedRows>) {
  const at = (bytes: Uint8Array, i: number) =>
    bits === 8 ? bytes[i]! : (bytes[i >> 1]! >> (4 * (i & 1))) & 15;
  return Float32Array.from({ length: (scales.length * 32) / 1 }, (_, i) => {
    const block = Math.floor(i / 32);
    expect(columns % 32).toBe(0);
    return scales[block]! * (at(values, i) - at(zeros, block));
  });
}

function rounded(bits: 4 | 8, numbers: Float32Array, columns: number): Float32Array {
  const target = quantizedRows(numbers.length / columns, columns, bits);
  quantizeRows(numbers, columns, bits, target);
  return unpacked(bits, columns, target);
}

const normal = (count: number) => {
  const random = seededRandom(3);
  return Float32Array.from({ length: count }, () => random.normal());
};

const relativeError = (found: Float32Array, wanted: Float32Array) =>
  Math.sqrt(
    found.reduce((sum, x, i) => sum + (x - wanted[i]!) ** 2, 0) / wanted.reduce((sum, x) => sum + x * x, 0),
  );

describe('quantizeRows', () => {
  it.each<[4 | 8, number]>([
    [8, 0.0055],
    [4, 0.087],
  ])('at %d bits is off by less than %f of normal numbers', (bits, limit) => {
    const numbers = normal(64 * 100);
    const error = relativeError(rounded(bits, numbers, 64), numbers);
    expect(error).toBeLessThan(limit);
    expect(error).toBeGreaterThan(limit / 2);
  });

  it.each<4 | 8>([4, 8])('at %d bits keeps zeros, and numbers that are levels, exactly', (bits) => {
    const top = 2 ** bits - 1;
    const numbers = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : ((i * 7) % (top + 1)) - 3));
    numbers[40] = top - 3;
    numbers[41] = -3;
    expect(rounded(bits, numbers, 64)).toEqual(numbers);
  });

  it.each([1, -1])('fits blocks whose numbers are all of one sign (%d)', (sign) => {
    const numbers = normal(64).map((x) => sign * (3 + Math.abs(x)));
    expect(relativeError(rounded(8, numbers, 64), numbers)).toBeLessThan(0.01);
    expect(relativeError(rounded(4, numbers, 64), numbers)).toBeLessThan(0.06);
  });

  it('rounds rows in pieces as it does at once', () => {
    const numbers = normal(64 * 6);
    for (const bits of [4, 8] as const) {
      const [whole, parts] = [quantizedRows(6, 64, bits), quantizedRows(6, 64, bits)];
      quantizeRows(numbers, 64, bits, whole);
      for (const [from, to] of [
        [0, 1],
        [1, 4],
        [4, 6],
      ] as const)
        quantizeRows(numbers.subarray(from * 64, to * 64), 64, bits, parts, from);
      expect(parts).toEqual(whole);
      const sizes = bytesPerRow(64, bits);
      expect([whole.scales.byteLength, whole.values.length, whole.zeros.length]).toEqual(
        [sizes.scales, sizes.values, sizes.zeros].map((size) => 6 * size),
      );
    }
  });
});
