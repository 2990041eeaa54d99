/**
 * @file Thrift's compact protocol, in which Parquet writes its metadata. Claims of a damaged file are not trusted:
 *   lengths are limited by the remaining bytes, and depth and the number of values have limits.
 */
import { say } from '../../say.js';

export type ThriftValue = boolean | number | bigint | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** The values of a struct, by field number. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

/** A struct, and where the bytes after it begin. */
export interface ReadStruct {
  readonly struct: ThriftStruct;
  readonly end: number;
}

const maxDepth = 32;

/** Maximum number of values in one struct, at any depth: metadata of 100,000 column chunks has 3 million. */
const maxValues = 2 ** 23;

/** Bytes of a 64-bit number, with 7 bits each. */
const maxVarintBytes = 10;

const types = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
};

/**
 * Reads the struct at `start`.
 * @throws Error if there is no valid struct, or it ends early
 */
export function readStruct(bytes: Uint8Array, start = 0): ReadStruct {
  const reader = new Reader(bytes, start);
  const struct = reader.struct(0);
  return { struct, end: reader.at };
}

class Reader {
  readonly #view: DataView;
  #values = 0;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  struct(depth: number): ThriftStruct {
    if (depth > maxDepth) throw new Error(say`its metadata is nested more than ${maxDepth} deep`);
    const fields = new Map<number, ThriftValue>();
    for (let id = 0; ; ) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === 0) return fields;
      const step = head >> 4;
      id = step === 0 ? Number(this.#signed()) : id + step;
      const isBoolean = type === types.true || type === types.false;
      fields.set(id, isBoolean ? type === types.true : this.#value(type, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    if (++this.#values > maxValues) throw new Error(say`its metadata has more than ${maxValues} values`);
    switch (type) {
      case types.byte:
        return this.#view.getInt8(this.#take(1));
      case types.i16:
      case types.i32:
      case types.i64:
        return this.#signed();
      case types.double:
        return this.#view.getFloat64(this.#take(8), true);
      case types.binary: {
        const length = this.#length();
        const start = this.#take(length);
        return this.bytes.subarray(start, start + length);
      }
      case types.list:
        return this.#list(depth);
      case types.struct:
        return this.struct(depth + 1);
      default:
        throw new Error(say`its metadata has a value of the unknown type ${type}`);
    }
  }

  #list(depth: number): ThriftValue[] {
    const head = this.#byte();
    const type = head & 0x0f;
    const length = head >> 4 === 15 ? this.#length() : head >> 4;
    const isBoolean = type === types.true || type === types.false;
    const items: ThriftValue[] = [];
    for (let i = 0; i < length; i++)
      items.push(isBoolean ? this.#byte() === 1 : this.#value(type, depth + 1));
    return items;
  }

  /** The length of bytes or items, each of which takes at least one byte. */
  #length(): number {
    const length = Number(this.#varint());
    if (length > this.bytes.length - this.at) throw new Error(say`its metadata ends too early`);
    return length;
  }

  /** A number with its sign in the lowest bit: 0, -1, 1, -2, … are stored as 0, 1, 2, 3, … */
  #signed(): number | bigint {
    const coded = this.#varint();
    if (typeof coded === 'number') return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
    const value = (coded >> 1n) ^ -(coded & 1n);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  #varint(): number | bigint {
    let value = 0;
    for (let i = 0; i < 7; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    let large = BigInt(value);
    for (let i = 7; i < maxVarintBytes; i++) {
      const byte = this.#byte();
      large |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return large;
    }
    throw new Error(say`its metadata has a number of more than 64 bits`);
  }

  #byte(): number {
    return this.bytes[this.#take(1)]!;
  }

  #take(count: number): number {
    const start = this.at;
    if (start + count > this.bytes.length) throw new Error(say`its metadata ends too early`);
    this.at += count;
    return start;
  }
}
