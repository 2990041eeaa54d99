/**
 * @file ggml's blocks: dequantizes them to float32, exactly, and rounds numbers to blocks of two types. A block holds
 *   small integers that share a scale and, in some types, a minimum.
 *
 * The product of a half-precision number and a small integer is exact in float64, so each result is rounded once, as
 * in ggml.
 */

import type { GgufTensorType } from './gguf.js';
import { bfloat16ToFloat32, float16Numbers, float16ToFloat32, float32ToFloat16 } from './half.js';

/** Dequantizes consecutive blocks from `bytes` into `floats`. */
type Dequantize = (bytes: DataView, floats: Float32Array) => void;

/** The supported types. */
const readers: Partial<Record<GgufTensorType, Dequantize>> = {
  F32: (bytes, floats) => {
    for (let i = 0; i < floats.length; i++) floats[i] = bytes.getFloat32(4 * i, true);
  },
  F16: (bytes, floats) => floats.set(float16ToFloat32(halvesOf(bytes))),
  BF16: (bytes, floats) => floats.set(bfloat16ToFloat32(halvesOf(bytes))),
  Q4_0: blocksOf32(18, { quants: 2, offset: -8 }),
  Q4_1: blocksOf32(20, { quants: 4, hasMinimum: true }),
  Q5_0: blocksOf32(22, { quants: 6, fifthBits: 2, offset: -16 }),
  Q5_1: blocksOf32(24, { quants: 8, fifthBits: 4, hasMinimum: true }),
  Q8_0: (bytes, floats) => {
    for (let at = 0, i = 0; i < floats.length; at += 34) {
      const scale = halfAt(bytes, at);
      for (let j = 0; j < 32; j++) floats[i++] = scale * bytes.getInt8(at + 2 + j);
    }
  },
  Q4_K: superBlocks(144, 16),
  Q5_K: superBlocks(176, 48),
  Q6_K: (bytes, floats) => {
    for (let at = 0, i = 0; i < floats.length; at += 210, i += 256) sixBits(bytes, at, floats, i);
  },
};

export const readableTypes = Object.keys(readers) as readonly GgufTensorType[];

export function isReadable(type: GgufTensorType): boolean {
  return type in readers;
}

/**
 * Dequantizes whole blocks of a supported type.
 * @param count how many numbers `bytes` holds
 */
export function dequantize(type: GgufTensorType, bytes: Uint8Array, count: number): Float32Array {
  const floats = new Float32Array(count);
  readers[type]!(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), floats);
  return floats;
}

/** Numbers rounded to blocks of Q8_0, as ggml rounds them: the largest of 32 becomes ±127. */
export function quantizeQ8(numbers: Float32Array): Uint8Array {
  const blocks = numbers.length / 32;
  const bytes = new Uint8Array(34 * blocks);
  const view = new DataView(bytes.buffer);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const own = numbers.subarray(32 * block, 32 * block + 32);
    const scale = Math.fround(own.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0) / 127);
    scales[block] = scale;
    if (scale === 0) continue;
    const inverse = Math.fround(1 / scale);
    for (let j = 0; j < 32; j++) {
      const x = Math.fround(own[j]! * inverse); // in float32, as ggml computes it
      view.setInt8(34 * block + 2 + j, Math.sign(x) * Math.round(Math.abs(x))); // ties away from zero, like C
    }
  }
  for (const [block, half] of float32ToFloat16(scales).entries()) view.setUint16(34 * block, half, true);
  return bytes;
}

/** Numbers rounded to blocks of Q4_1, as ggml rounds them: 16 levels from the smallest of 32 to the largest. */
export function quantizeQ4(numbers: Float32Array): Uint8Array {
  const blocks = numbers.length / 32;
  const bytes = new Uint8Array(20 * blocks);
  const view = new DataView(bytes.buffer);
  const ranges = new Float32Array(2 * blocks);
  const level = new Float32Array(1); // in float32, as ggml computes it
  for (let block = 0; block < blocks; block++) {
    const own = numbers.subarray(32 * block, 32 * block + 32);
    const least = Math.min(...own);
    const scale = Math.fround(Math.fround(Math.max(...own) - least) / 15);
    ranges.set([scale, least], 2 * block);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const levelOf = (j: number) => {
      level[0] = Math.fround(own[j]! - least) * inverse;
      return Math.min(15, Math.floor(Math.fround(level[0] + 0.5)));
    };
    for (let j = 0; j < 16; j++) bytes[20 * block + 4 + j] = levelOf(j) | (levelOf(j + 16) << 4);
  }
  for (const [i, half] of float32ToFloat16(ranges).entries())
    view.setUint16(20 * (i >> 1) + 2 * (i & 1), half, true);
  return bytes;
}

function halfAt(bytes: DataView, at: number): number {
  return float16Numbers()[bytes.getUint16(at, true)]!;
}

function halvesOf(bytes: DataView): Uint16Array {
  const halves = new Uint16Array(bytes.byteLength / 2);
  for (let i = 0; i < halves.length; i++) halves[i] = bytes.getUint16(2 * i, true);
  return halves;
}

/** Byte offsets within a block of 32. The block starts with its scale, followed by its minimum if it has one. */
interface Layout {
  /** Sixteen bytes: numbers 0 to 15 in the low halves, 16 to 31 in the high ones. */
  quants: number;
  /** Four bytes: the fifth bit of each number. */
  fifthBits?: number;
  hasMinimum?: boolean;
  /** Added to each integer. */
  offset?: number;
}

function blocksOf32(size: number, { quants, fifthBits, hasMinimum = false, offset = 0 }: Layout): Dequantize {
  return (bytes, floats) => {
    for (let at = 0, i = 0; i < floats.length; at += size, i += 32) {
      const scale = halfAt(bytes, at);
      const minimum = hasMinimum ? halfAt(bytes, at + 2) : 0;
      const fifth = fifthBits === undefined ? 0 : bytes.getUint32(at + fifthBits, true);
      for (let j = 0; j < 16; j++) {
        const pair = bytes.getUint8(at + quants + j);
        const low = (pair & 15) | (((fifth >>> j) & 1) << 4);
        const high = (pair >> 4) | (((fifth >>> (j + 16)) & 1) << 4);
        floats[i + j] = scale * (low + offset) + minimum;
        floats[i + j + 16] = scale * (high + offset) + minimum;
      }
    }
  };
}

/**
 * Blocks of 256 in eight groups of 32, with a scale and a minimum per block and six bits of each per group.
 * @param quants offset of the low four bits. In five-bit types the fifth bits come before them, after the groups' bits
 */
function superBlocks(size: number, quants: number): Dequantize {
  const fifthBits = quants === 16 ? undefined : 16;
  return (bytes, floats) => {
    for (let at = 0, start = 0; start < floats.length; at += size, start += 256) {
      const scale = halfAt(bytes, at);
      const minimum = halfAt(bytes, at + 2);
      for (let group = 0; group < 8; group++) {
        const [groupScale, groupMinimum] = sixBitPair(bytes, at + 4, group);
        // Two groups share 32 bytes: the first is in the low halves.
        const shift = 4 * (group & 1);
        const from = at + quants + 32 * (group >> 1);
        for (let j = 0; j < 32; j++) {
          const low = (bytes.getUint8(from + j) >> shift) & 15;
          const fifth = fifthBits === undefined ? 0 : (bytes.getUint8(at + fifthBits + j) >> group) & 1;
          const whole = low | (fifth << 4);
          floats[start + 32 * group + j] = scale * groupScale * whole - minimum * groupMinimum;
        }
      }
    }
  };
}

/** Scale and minimum of one of eight groups, six bits each, packed in twelve bytes. */
function sixBitPair(bytes: DataView, at: number, group: number): readonly [scale: number, minimum: number] {
  const byte = (index: number) => bytes.getUint8(at + index);
  if (group < 4) return [byte(group) & 63, byte(group + 4) & 63];
  const low = byte(group + 4);
  return [(low & 15) | ((byte(group - 4) >> 6) << 4), (low >> 4) | ((byte(group) >> 6) << 4)];
}

/** One block of 256: 128 bytes of low halves, 64 with the next two bits, one scale per 16 numbers, and one for all. */
function sixBits(bytes: DataView, at: number, floats: Float32Array, start: number): void {
  const scale = halfAt(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const side = i >> 7; // both halves of a block have the same layout
    const quarter = (i >> 5) & 3;
    const low = bytes.getUint8(at + 64 * side + (i & 31) + 32 * (quarter & 1)) >> (4 * (quarter >> 1));
    const high = bytes.getUint8(at + 128 + 32 * side + (i & 31)) >> (2 * quarter);
    const whole = ((low & 15) | ((high & 3) << 4)) - 32;
    floats[start + i] = scale * bytes.getInt8(at + 192 + (i >> 4)) * whole;
  }
}
