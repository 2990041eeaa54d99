/** @file 16-bit floating point numbers, held as bit patterns, to and from float32. */

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The float32 of every float16 bit pattern, made when the first file needs it. */
let float16Table: Float32Array | undefined;

/** IEEE 754 half precision to float32, exactly: infinities, NaN and subnormals included. */
export function float16ToFloat32(halves: Uint16Array): Float32Array {
  float16Table ??= Float32Array.from({ length: 0x10000 }, (_, half) => decodeFloat16(half));
  const table = float16Table;
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]!]!;
  return floats;
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

/** Rounds to the nearest half, ties to even; what is too large becomes infinite. */
export function float32ToFloat16(floats: Float32Array): Uint16Array {
  return Uint16Array.from(floats, encodeFloat16);
}

function encodeFloat16(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00; // halfway between the largest half and the next power of two
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = (bits[0]! >>> 23) & 0xff;
  const fraction = roundToEven((bits[0]! & 0x7fffff) / 2 ** 13); // 1024 carries into the exponent, as it should
  return sign | (((exponent - 112) << 10) + fraction);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** Rounds to the nearest bfloat16, ties to even. */
export function float32ToBfloat16(floats: Float32Array): Uint16Array {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const notANumber = (word & 0x7fffffff) > 0x7f800000;
    halves[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}
