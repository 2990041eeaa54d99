/** @file Parquet files with changed metadata, for tests. */
import { readStruct, type ThriftStruct, type ThriftValue } from './thrift.js';

/** A mutable struct with the content of a `ThriftStruct`. */
export type OpenStruct = Map<number, ThriftValue>;

const tailBytes = 8;

/** The file with its metadata changed. */
export function withMetadata(file: Uint8Array, change: (metadata: OpenStruct) => void): Uint8Array {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(file.length - tailBytes, true);
  const start = file.length - tailBytes - length;
  const metadata = readStruct(file, start).struct as OpenStruct;
  change(metadata);
  return withFooter(file.subarray(0, start), writeStruct(metadata));
}

/** The data of a file with the given metadata. */
export function withFooter(data: Uint8Array, metadata: Uint8Array): Uint8Array {
  const tail = new Uint8Array(tailBytes);
  new DataView(tail.buffer).setUint32(0, metadata.length, true);
  tail.set(new TextEncoder().encode('PAR1'), 4);
  return Uint8Array.from([...data, ...metadata, ...tail]);
}

/** A field inside nested structs and lists: `at(metadata, 4, 0, 1)` is the second field of the first group. */
export function at(value: ThriftValue, ...path: readonly number[]): OpenStruct {
  let found = value;
  for (const step of path) found = (found instanceof Map ? found.get(step) : (found as ThriftValue[])[step])!;
  return found as OpenStruct;
}

/** Writes the compact protocol, with integers as i64. */
function writeStruct(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  addStruct(bytes, struct);
  return Uint8Array.from(bytes);
}

function addStruct(bytes: number[], struct: ThriftStruct): void {
  for (const [id, value] of struct) {
    bytes.push(typeof value === 'boolean' ? (value ? 1 : 2) : typeOf(value));
    addNumber(bytes, id);
    if (typeof value !== 'boolean') addValue(bytes, value);
  }
  bytes.push(0);
}

function addValue(bytes: number[], value: ThriftValue): void {
  if (typeof value === 'boolean') bytes.push(value ? 1 : 2);
  else if (value instanceof Uint8Array) {
    addVarint(bytes, BigInt(value.length));
    bytes.push(...value);
  } else if (typeof value === 'number' && !Number.isInteger(value)) {
    bytes.push(...new Uint8Array(Float64Array.of(value).buffer));
  } else if (typeof value === 'number' || typeof value === 'bigint') addNumber(bytes, value);
  else if (value instanceof Map) addStruct(bytes, value);
  else {
    const items = value as readonly ThriftValue[];
    bytes.push(0xf0 | (items.length === 0 ? 6 : typeOf(items[0]!)));
    addVarint(bytes, BigInt(items.length));
    for (const item of items) addValue(bytes, item);
  }
}

function typeOf(value: ThriftValue): number {
  if (typeof value === 'boolean') return 1;
  if (value instanceof Uint8Array) return 8;
  if (typeof value === 'number') return Number.isInteger(value) ? 6 : 7;
  if (typeof value === 'bigint') return 6;
  return value instanceof Map ? 12 : 9;
}

const addNumber = (bytes: number[], value: number | bigint) => {
  const number = BigInt(value);
  addVarint(bytes, number < 0n ? -2n * number - 1n : 2n * number);
};

function addVarint(bytes: number[], value: bigint): void {
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
}
