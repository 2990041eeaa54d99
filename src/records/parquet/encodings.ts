/**
 * @file How Parquet packs values and levels into the bytes of a page
 *   (https://parquet.apache.org/docs/file-format/data-pages/encodings). Their number is known beforehand, so that a
 *   damaged page's claims about its runs cannot cost time or memory.
 */
import { say } from '../../say.js';
import type { SchemaNode } from './metadata.js';

/** A value as it is stored: an integer, a float, a boolean or bytes. */
export type Stored = number | bigint | boolean | Uint8Array;

/** Maximum total size of values that are composed from parts of others. */
const maxJoinedBytes = 2 ** 30;

/** The bytes of a page, read from the front. Reading past the end throws an Error. */
export class PageReader {
  readonly #view: DataView;
  at = 0;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Uint8Array {
    if (length < 0 || length > this.left) throw new Error(say`a page ends too early`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  /** A four-byte length. */
  length(): number {
    this.take(4);
    return this.#view.getUint32(this.at - 4, true);
  }

  /** An integer of at most 64 bits, 7 bits per byte. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error(say`a number of a page has more than 64 bits`);
  }

  /** A varint that is a count, below 2^53. */
  count(): number {
    return Number(this.varint());
  }

  zigzag(): bigint {
    const coded = this.varint();
    return BigInt.asIntN(64, (coded >> 1n) ^ -(coded & 1n));
  }
}

/**
 * Reads `count` integers of `width` bits, from runs of one value and runs of packed values. The last run may be longer.
 */
export function readRuns(reader: PageReader, width: number, count: number): Uint32Array {
  const values = new Uint32Array(count);
  if (width > 32) throw new Error(say`values of ${width} bits in a page`);
  if (width === 0) return values;
  for (let filled = 0; filled < count; ) {
    const head = reader.count();
    if (head % 2 === 0) {
      const value = wholeNumber(reader.take(Math.ceil(width / 8)));
      const end = Math.min(count, filled + head / 2);
      values.fill(value, filled, end);
      filled = end;
    } else {
      const groups = (head - 1) / 2; // of 8 values, which take `width` bytes
      const packed = reader.take(Math.min(groups * width, reader.left));
      const end = Math.min(count, filled + groups * 8);
      if (packed.length * 8 < (end - filled) * width) throw new Error(say`a page ends too early`);
      for (let bit = 0; filled < end; bit += width) values[filled++] = bitsAt(packed, bit, width);
    }
  }
  return values;
}

function wholeNumber(bytes: Uint8Array): number {
  let value = 0;
  for (const [i, byte] of bytes.entries()) value += byte * 2 ** (8 * i);
  return value;
}

/** At most 32 bits from bit `start`, the lowest bit of each byte first. */
function bitsAt(bytes: Uint8Array, start: number, width: number): number {
  let value = 0;
  let shift = -(start % 8);
  for (let at = start >>> 3; shift < width; at++, shift += 8) value += bytes[at]! * 2 ** shift;
  return Math.floor(value) % 2 ** width;
}

/** Reads `count` consecutive values. */
export function readPlain(reader: PageReader, count: number, node: SchemaNode): Stored[] {
  const { type } = node;
  if (type === 'BYTE_ARRAY') {
    const values: Uint8Array[] = [];
    for (let i = 0; i < count; i++) values.push(reader.take(reader.length()));
    return values;
  }
  if (type === 'BOOLEAN') {
    const bits = reader.take(Math.ceil(count / 8));
    return Array.from({ length: count }, (_, i) => (bits[i >> 3]! & (1 << (i & 7))) !== 0);
  }
  const width = widthOf(node);
  return fixedValues(reader.take(count * width), count, node);
}

/** Bytes per value of a type of fixed size. */
function widthOf({ type, typeLength }: SchemaNode): number {
  if (type === 'FIXED_LEN_BYTE_ARRAY') return typeLength;
  if (type === 'INT96') return 12;
  return type === 'INT64' || type === 'DOUBLE' ? 8 : 4;
}

function fixedValues(bytes: Uint8Array, count: number, node: SchemaNode): Stored[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const each = (read: (at: number) => Stored): Stored[] => {
    const width = widthOf(node);
    return Array.from({ length: count }, (_, i) => read(i * width));
  };
  switch (node.type) {
    case 'INT32':
      return each((at) => view.getInt32(at, true));
    case 'INT64':
      return each((at) => view.getBigInt64(at, true));
    case 'FLOAT':
      return each((at) => view.getFloat32(at, true));
    case 'DOUBLE':
      return each((at) => view.getFloat64(at, true));
    default:
      return each((at) => bytes.subarray(at, at + widthOf(node)));
  }
}

/** Reads the first bytes of all values, then their second bytes, and so on. */
export function readByteStreams(reader: PageReader, count: number, node: SchemaNode): Stored[] {
  if (node.type === 'BOOLEAN' || node.type === 'BYTE_ARRAY' || node.type === 'INT96')
    throw new Error(say`a page has the encoding BYTE_STREAM_SPLIT for ${node.type}`);
  const width = widthOf(node);
  const streams = reader.take(count * width);
  const bytes = new Uint8Array(streams.length);
  for (let i = 0; i < count; i++)
    for (let byte = 0; byte < width; byte++) bytes[i * width + byte] = streams[byte * count + i]!;
  return fixedValues(bytes, count, node);
}

/** Integers as differences: each block stores its smallest difference, and the rest with as few bits as they need. */
export function readDeltas(reader: PageReader, count: number, bits: 32 | 64): bigint[] {
  const blockSize = reader.count();
  const miniblocks = reader.count();
  const stated = reader.count();
  let value = reader.zigzag();
  const perMiniblock = blockSize / miniblocks;
  if (!Number.isInteger(perMiniblock) || perMiniblock === 0 || perMiniblock % 8 !== 0)
    throw new Error(say`a page has blocks of ${blockSize} values in ${miniblocks} parts`);
  if (stated < count) throw new Error(say`a page has ${stated} values, expected ${count}`);
  if (count === 0) return [];
  const values = [BigInt.asIntN(bits, value)];
  while (values.length < count) {
    const least = reader.zigzag();
    const widths = reader.take(miniblocks);
    for (const width of widths) {
      if (values.length >= count) break;
      if (width > 64) throw new Error(say`values of ${width} bits in a page`);
      const here = Math.min(perMiniblock, count - values.length);
      const packed = reader.take(Math.min((perMiniblock / 8) * width, reader.left));
      if (packed.length * 8 < here * width) throw new Error(say`a page ends too early`);
      for (let i = 0; i < here; i++) {
        value = BigInt.asIntN(bits, value + least + wideBitsAt(packed, i * width, width));
        values.push(value);
      }
    }
  }
  return values;
}

/** Like bitsAt, for at most 64 bits. */
function wideBitsAt(bytes: Uint8Array, start: number, width: number): bigint {
  if (width <= 32) return width === 0 ? 0n : BigInt(bitsAt(bytes, start, width));
  const low = BigInt(bitsAt(bytes, start, 32));
  return (BigInt(bitsAt(bytes, start + 32, width - 32)) << 32n) | low;
}

/** Texts as the deltas of their lengths, followed by their bytes. */
export function readDeltaLengths(reader: PageReader, count: number): Uint8Array[] {
  return readDeltas(reader, count, 32).map((length) => reader.take(Number(length)));
}

/** Texts with shared prefixes: the number of bytes that each shares with the previous one, and its rest. */
export function readDeltaTexts(reader: PageReader, count: number): Uint8Array[] {
  const shared = readDeltas(reader, count, 32);
  const rests = readDeltaLengths(reader, count);
  let before = new Uint8Array(0);
  let total = 0;
  return rests.map((rest, i) => {
    const length = Number(shared[i]);
    if (length < 0 || length > before.length)
      throw new Error(say`a text of a page shares more than there is`);
    total += length + rest.length;
    if (total > maxJoinedBytes)
      throw new Error(say`the texts of a page have more than ${maxJoinedBytes} bytes`);
    const joined = new Uint8Array(length + rest.length);
    joined.set(before.subarray(0, length));
    joined.set(rest, length);
    before = joined;
    return joined;
  });
}
