/** @file Conversion between float32 and 16-bit floating point numbers, held as bit patterns. */

/** The float32 of every float16 bit pattern, built on first use. */
let float16Table: Float32Array | undefined;

/** IEEE 754 half precision to float32, exactly: infinities, NaN and subnormals included. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  const table = float16Numbers();
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]!]!;
  return floats;
}

/** The float32 value of every bit pattern, in order. */
export function float16Numbers(): Float32Array {
  float16Table ??= Float32Array.from({ length: 0x10000 }, (_, half) => decodeFloat16(half));
  return float16Table;
}

function decodeFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

/** Rounds to the nearest half, ties to even; too large values become infinite. */
export function float32ToFloat16(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < words.length; i++) halves[i] = encodeFloat16(words[i]!);
  return halves;
}

/** @param word the bit pattern of a float32 */
function encodeFloat16(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520, halfway from the largest half to the next power of two
  // 2^-14, the smallest normal half
  if (magnitude >= 0x38800000) return sign | (shiftToEven(magnitude, 13) - (112 << 10));
  if (magnitude < 0x33000000) return sign; // 2^-25, half of the smallest subnormal half
  const significand = (magnitude & 0x7fffff) | 0x800000;
  return sign | shiftToEven(significand, 126 - (magnitude >>> 23));
}

/** Rounds to the nearest bfloat16, ties to even. */
export function float32ToBfloat16(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const notANumber = (word & 0x7fffffff) > 0x7f800000;
    halves[i] = notANumber ? (word >>> 16) | 0x40 : shiftToEven(word, 16);
  }
  return halves;
}

/** word / 2^shift, rounded to the nearest integer, ties to even. A carry into the exponent is intended. */
function shiftToEven(word: number, shift: number): number {
  return (word + (1 << (shift - 1)) - 1 + ((word >>> shift) & 1)) >>> shift;
}
