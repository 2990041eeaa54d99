import { describe, expect, it } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.js';

const patterns = Uint16Array.from({ length: 0x10000 }, (_, pattern) => pattern);

/** What each type's patterns stand for, from the definition in IEEE 754, in float64. */
function numberOf(pattern: number, exponentBits: number, fractionBits: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern & 0x7fff) >> fractionBits;
  const fraction = (pattern & ((1 << fractionBits) - 1)) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - bias) : fraction * 2 ** (1 - bias));
}

/** Of two lists of patterns, where they differ: at most ten places, as comparing large lists is slow. */
function differences(found: Uint16Array, expected: Uint16Array): string[] {
  const places = Array.from(found.keys()).filter((i) => found[i] !== expected[i]);
  return places.slice(0, 10).map((i) => `${found[i]} instead of ${expected[i]} at ${i}`);
}

describe.each([
  { name: 'float16', exponentBits: 5, fractionBits: 10, decode: float16ToFloat32, encode: float32ToFloat16 },
  {
    name: 'bfloat16',
    exponentBits: 8,
    fractionBits: 7,
    decode: bfloat16ToFloat32,
    encode: float32ToBfloat16,
  },
])('$name', ({ exponentBits, fractionBits, decode, encode }) => {
  const infinity = (2 ** exponentBits - 1) << fractionBits;
  /** The positive finite values in ascending order, and as one more what the next power of two would be. */
  const values = Float64Array.from({ length: infinity + 1 }, (_, pattern) =>
    pattern < infinity ? numberOf(pattern, exponentBits, fractionBits) : 2 ** (2 ** (exponentBits - 1)),
  );

  /** The nearest pattern to a positive number: by search, not by bits. */
  function nearest(value: number): number {
    let low = 0;
    let high = infinity;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (values[middle]! <= value) low = middle;
      else high = middle;
    }
    if (value >= values[high]!) return infinity;
    const [below, above] = [value - values[low]!, values[high]! - value];
    if (below === above) return low % 2 === 0 ? low : high;
    return below < above ? low : high;
  }

  it('all 65,536 patterns mean what they should', () => {
    const expected = Array.from(patterns, (pattern) => numberOf(pattern, exponentBits, fractionBits));
    const decoded = decode(patterns);
    expect(patterns.filter((_, i) => !Object.is(decoded[i], expected[i]))).toEqual(new Uint16Array());
  });

  it('all patterns survive float32; NaN stays NaN, with its sign', () => {
    const encoded = encode(decode(patterns));
    const isNan = (pattern: number) => (pattern & 0x7fff) > infinity;
    expect(patterns.filter((pattern, i) => !isNan(pattern) && encoded[i] !== pattern)).toHaveLength(0);
    expect(patterns.filter((pattern, i) => isNan(pattern) && !isNan(encoded[i]!))).toHaveLength(0);
  });

  it('halfway between two values rounds to the even one, and next to it to the nearer', () => {
    const halfway = Float32Array.from(values.subarray(1), (above, below) => (values[below]! + above) / 2);
    const bits = new Uint32Array(halfway.buffer);
    const step = (by: number) => new Float32Array(bits.map((word) => word + by).buffer);
    for (const numbers of [step(-1), halfway, step(1)]) {
      const expected = Uint16Array.from(numbers, nearest);
      expect(differences(encode(numbers), expected)).toEqual([]);
      const negative = encode(numbers.map((value) => -value));
      expect(
        differences(
          negative,
          expected.map((pattern) => pattern | 0x8000),
        ),
      ).toEqual([]);
    }
  });

  it('numbers of every size go to the nearest', () => {
    const numbers = new Float32Array(
      Uint32Array.from({ length: 0xff0 * 16 }, (_, i) => (i * 0x7f4ab) % 0x7f800000).buffer,
    );
    expect(differences(encode(numbers), Uint16Array.from(numbers, nearest))).toEqual([]);
  });

  it('too large numbers become infinite, zero keeps its sign', () => {
    const largest = 2 ** 127 * (2 - 2 ** -23);
    const encoded = encode(Float32Array.of(largest, -largest, Number.POSITIVE_INFINITY, 0, -0, Number.NaN));
    expect([...encoded.subarray(0, 5)]).toEqual([infinity, infinity | 0x8000, infinity, 0, 0x8000]);
    expect(encoded[5]! & 0x7fff).toBeGreaterThan(infinity);
  });

  it('a view into a larger buffer is read from its own beginning', () => {
    const view = new Float32Array(Float32Array.of(9, 1, -2, 9).buffer, 4, 2);
    expect([...decode(encode(view))]).toEqual([1, -2]);
    expect([...decode(Uint16Array.of(7, ...encode(view)).subarray(1))]).toEqual([1, -2]);
  });
});

it('known values', () => {
  const floats = Float32Array.of(1, -2, 65504, 65519, 65520, 2 ** -24, 2 ** -25, 1 / 3);
  expect([...float32ToFloat16(floats)]).toEqual([
    0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0x0001, 0x0000, 0x3555,
  ]);
  expect([...float32ToBfloat16(Float32Array.of(1, -2, 1 / 3, 3.3895314e38))]).toEqual([
    0x3f80, 0xc000, 0x3eab, 0x7f7f,
  ]);
});
