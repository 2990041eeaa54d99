/**
 * @file The GGUF format (ggml-org/ggml, docs/gguf.md), versions 2 and 3: a header with metadata and the tensors'
 *   offsets, then the tensors' bytes. Files are untrusted: every number in a header is checked before it is used.
 */
import { fileSystem, type OpenFile } from '#platform';
import { FileError } from '../errors.js';
import { say } from '../say.js';
import { elementCount } from '../tensor.js';
import { withFileErrors } from './files.js';

/** Integers are numbers if a number holds them exactly, else bigints. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** ggml's types by number: elements per block and bytes per block. */
const tensorTypes = {
  0: ['F32', 1, 4],
  1: ['F16', 1, 2],
  2: ['Q4_0', 32, 18],
  3: ['Q4_1', 32, 20],
  6: ['Q5_0', 32, 22],
  7: ['Q5_1', 32, 24],
  8: ['Q8_0', 32, 34],
  9: ['Q8_1', 32, 36],
  10: ['Q2_K', 256, 84],
  11: ['Q3_K', 256, 110],
  12: ['Q4_K', 256, 144],
  13: ['Q5_K', 256, 176],
  14: ['Q6_K', 256, 210],
  15: ['Q8_K', 256, 292],
  16: ['IQ2_XXS', 256, 66],
  17: ['IQ2_XS', 256, 74],
  18: ['IQ3_XXS', 256, 98],
  19: ['IQ1_S', 256, 50],
  20: ['IQ4_NL', 32, 18],
  21: ['IQ3_S', 256, 110],
  22: ['IQ2_S', 256, 82],
  23: ['IQ4_XS', 256, 136],
  24: ['I8', 1, 1],
  25: ['I16', 1, 2],
  26: ['I32', 1, 4],
  27: ['I64', 1, 8],
  28: ['F64', 1, 8],
  29: ['IQ1_M', 256, 56],
  30: ['BF16', 1, 2],
  34: ['TQ1_0', 256, 54],
  35: ['TQ2_0', 256, 66],
  39: ['MXFP4', 32, 17],
} as const satisfies Record<number, readonly [name: string, blockSize: number, blockBytes: number]>;
export type GgufTensorType = (typeof tensorTypes)[keyof typeof tensorTypes][0];

export interface GgufTensor {
  readonly name: string;
  readonly type: GgufTensorType;
  /** Row-major. The last size is a row, which is a whole number of blocks. */
  readonly shape: readonly number[];
  /** Byte offset from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface GgufFile {
  /** The real path, symbolic links resolved. */
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

const defaultAlignment = 32;

/** A vocabulary of 256,000 tokens with its merges takes 12 MB. */
const maxHeaderBytes = 2 ** 28;

/** Nesting of lists. Known models have one level. */
const maxListDepth = 4;

/**
 * Reads and checks the header. Tensors stay on disk.
 * @throws FileError if the file is missing or truncated, or its header contradicts itself or the file's size
 */
export async function readGgufHeader(path: string): Promise<GgufFile> {
  return withFileErrors(path, 'read', async () => {
    const real = await fileSystem.realpath(path);
    const file = await fileSystem.open(real, 'read');
    try {
      const size = await file.size();
      // The header does not state its length, so a growing prefix is read until the header is complete.
      for (let length = Math.min(size, 2 ** 20); ; length = Math.min(size, 4 * length)) {
        const header = parseHeader(new Cursor(path, await readStart(file, length), size));
        if (header) return { path: real, ...header };
        if (length >= maxHeaderBytes)
          throw new FileError(
            path,
            'header',
            say`expected at most ${maxHeaderBytes} bytes; the file is damaged`,
          );
      }
    } finally {
      await file.close();
    }
  });
}

async function readStart(file: OpenFile, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await file.read(bytes, 0));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parsing the header needs more of the file. */
class NeedMore extends Error {}

/** Reads consecutive little-endian values from the start of a file. */
class Cursor {
  position = 0;
  readonly #view: DataView;

  constructor(
    readonly path: string,
    private readonly bytes: Uint8Array,
    readonly fileSize: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  fail(place: string, problem: string): FileError {
    return new FileError(this.path, place, problem);
  }

  /** Advances by `count` bytes and returns where they begin. */
  skip(count: number, place: string): number {
    const start = this.position;
    const end = start + count;
    if (end > this.fileSize) {
      const missing = say`expected ${count} bytes at ${start}, but the file ends at ${this.fileSize}`;
      throw this.fail(
        place,
        say`${missing}; the download was probably cut off, or the file is damaged: fetch it again`,
      );
    }
    if (end > this.bytes.length) throw new NeedMore();
    this.position = end;
    return start;
  }

  uint32(place: string): number {
    return this.#view.getUint32(this.skip(4, place), true);
  }

  uint64(place: string): bigint {
    return this.#view.getBigUint64(this.skip(8, place), true);
  }

  /** A count of items that take at least `bytesEach` bytes each in the file. */
  count(place: string, what: string, bytesEach: number): number {
    const count = this.uint64(place);
    if (count * BigInt(bytesEach) > BigInt(this.fileSize - this.position))
      throw this.fail(
        place,
        say`the header announces ${count} ${what}, more than the file can hold; it is truncated or
          damaged`,
      );
    return Number(count);
  }

  text(place: string): string {
    const start = this.skip(this.count(place, say`bytes of text`, 1), place);
    try {
      return utf8.decode(this.bytes.subarray(start, this.position));
    } catch {
      throw this.fail(place, say`the text at byte ${start} is not UTF-8; the file is damaged`);
    }
  }

  value(type: number, place: string, depth = 0): GgufValue {
    switch (type) {
      case 0:
        return this.#view.getUint8(this.skip(1, place));
      case 1:
        return this.#view.getInt8(this.skip(1, place));
      case 2:
        return this.#view.getUint16(this.skip(2, place), true);
      case 3:
        return this.#view.getInt16(this.skip(2, place), true);
      case 4:
        return this.uint32(place);
      case 5:
        return this.#view.getInt32(this.skip(4, place), true);
      case 6:
        return this.#view.getFloat32(this.skip(4, place), true);
      case 7:
        return this.boolean(place);
      case 8:
        return this.text(place);
      case 9:
        return this.list(place, depth + 1);
      case 10:
        return exactNumber(this.uint64(place));
      case 11:
        return exactNumber(this.#view.getBigInt64(this.skip(8, place), true));
      case 12:
        return this.#view.getFloat64(this.skip(8, place), true);
      default:
        throw this.fail(place, say`${type} is not a type of GGUF; the file is damaged`);
    }
  }

  private boolean(place: string): boolean {
    const byte = this.#view.getUint8(this.skip(1, place));
    if (byte > 1)
      throw this.fail(place, say`expected 0 or 1 for a boolean, found ${byte}; the file is damaged`);
    return byte === 1;
  }

  private list(place: string, depth: number): GgufValue[] {
    if (depth > maxListDepth) throw this.fail(place, say`lists are nested more than ${maxListDepth} deep`);
    const type = this.uint32(place);
    const count = this.count(place, 'items', smallestBytes[type] ?? 1);
    const items: GgufValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(type, place, depth));
    return items;
  }
}

/** Smallest size of a value in bytes, by its type. */
const smallestBytes: Readonly<Record<number, number>> = {
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  8: 8,
  9: 12,
  10: 8,
  11: 8,
  12: 8,
};

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Undefined if it needs more of the file. */
function parseHeader(cursor: Cursor): Omit<GgufFile, 'path'> | undefined {
  try {
    return readHeader(cursor);
  } catch (error) {
    if (error instanceof NeedMore) return undefined;
    throw error;
  }
}

function readHeader(cursor: Cursor): Omit<GgufFile, 'path'> {
  const magic = cursor.uint32('header');
  if (magic !== 0x46554747) {
    // "GGUF" as a little-endian number
    const found = `0x${magic.toString(16).padStart(8, '0')}`;
    throw cursor.fail('header', say`expected "GGUF" at the start, found ${found}; this is not a GGUF file`);
  }
  const version = cursor.uint32('header');
  if (version !== 2 && version !== 3) {
    const bigEndian = version === 0x02000000 || version === 0x03000000;
    const found = bigEndian ? say`it is big-endian` : say`its version is ${version}`;
    throw cursor.fail(
      'header',
      say`${found}, expected version 2 or 3, little-endian; convert the model again`,
    );
  }
  const tensorCount = cursor.count('header', 'tensors', 24);
  const keyCount = cursor.count('header', 'keys', 13);

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < keyCount; i++) {
    const key = cursor.text(`key ${i + 1}`);
    if (metadata.has(key)) throw cursor.fail(key, say`the header has this key twice`);
    metadata.set(key, cursor.value(cursor.uint32(key), key));
  }
  const alignment = metadata.get('general.alignment') ?? defaultAlignment;
  if (typeof alignment !== 'number' || alignment < 1 || alignment % 8 !== 0)
    throw cursor.fail('general.alignment', say`expected a multiple of 8, found ${alignment}`);

  const tensors: GgufTensor[] = [];
  for (let i = 0; i < tensorCount; i++) tensors.push(readTensorInfo(cursor, `tensor ${i + 1}`));
  const padded = (size: number) => Math.ceil(size / alignment) * alignment;
  return { metadata, tensors: placeTensors(cursor, tensors, padded(cursor.position), padded) };
}

/** Its offset is relative to the start of the data. */
function readTensorInfo(cursor: Cursor, ordinal: string): GgufTensor {
  const name = cursor.text(ordinal);
  const dimensions = cursor.uint32(name);
  if (dimensions > 4) throw cursor.fail(name, say`it has ${dimensions} dimensions, expected at most 4`);
  const sizes = Array.from({ length: dimensions }, () => Number(cursor.uint64(name)));
  const shape = sizes.reverse(); // ggml puts the size of a row first
  if (shape.includes(0) || !Number.isSafeInteger(4 * elementCount(shape)))
    throw cursor.fail(name, say`its shape [${shape.join(', ')}] is impossible; the file is damaged`);

  const typeNumber = cursor.uint32(name);
  const type = (tensorTypes as Record<number, (typeof tensorTypes)[keyof typeof tensorTypes]>)[typeNumber];
  if (!type) throw cursor.fail(name, say`its type ${typeNumber} is not supported`);
  const [typeName, blockSize, blockBytes] = type;
  const rowSize = shape.at(-1) ?? 1;
  if (rowSize % blockSize !== 0)
    throw cursor.fail(
      name,
      say`its rows have ${rowSize} elements, expected a multiple of ${blockSize} for ${typeName}`,
    );
  const byteLength = (elementCount(shape) / blockSize) * blockBytes;
  return { name, type: typeName, shape, offset: Number(cursor.uint64(name)), byteLength };
}

/** Tensors must lie in the order of the header, with nothing but padding between them. */
function placeTensors(
  cursor: Cursor,
  tensors: readonly GgufTensor[],
  dataStart: number,
  padded: (size: number) => number,
): Map<string, GgufTensor> {
  const placed = new Map<string, GgufTensor>();
  let expected = 0;
  for (const tensor of tensors) {
    const { name, offset, byteLength } = tensor;
    if (placed.has(name)) throw cursor.fail(name, say`the header names this tensor twice`);
    if (offset !== expected)
      throw cursor.fail(name, say`its offset is ${offset}, expected ${expected}; the file is damaged`);
    const end = dataStart + offset + byteLength;
    if (end > cursor.fileSize) {
      throw cursor.fail(
        name,
        say`the file has ${cursor.fileSize} bytes, but this tensor ends at ${end}; the download was
          probably cut off, so fetch the file again`,
      );
    }
    placed.set(name, { ...tensor, offset: dataStart + offset });
    expected = padded(offset + byteLength);
  }
  return placed;
}

/**
 * Reads part of a tensor's bytes.
 * @param from byte offset within the tensor
 */
export async function readGgufBytes(
  file: OpenFile,
  path: string,
  { name, offset, byteLength }: GgufTensor,
  from = 0,
  length = byteLength,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  if ((await file.read(bytes, offset + from)) === length) return bytes;
  throw new FileError(
    path,
    name,
    say`the file ended before the tensor did; it may have changed while it was read`,
  );
}
