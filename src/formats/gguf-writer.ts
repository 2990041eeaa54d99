/** @file Writes GGUF files, version 3 (ggml-org/ggml, docs/gguf.md): the header, then each tensor on its boundary. */
import { elementCount } from '../tensor.js';

/** A value of the metadata with its type, which the file states. */
export type GgufField =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'uint32'; readonly value: number }
  | { readonly type: 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: readonly number[] }
  | { readonly type: 'float32s'; readonly value: readonly number[] };

/** ggml's numbers of the types that can be written. */
const tensorTypes = { F32: 0, F16: 1, Q4_1: 3, Q8_0: 8 } as const;

export interface GgufTensorToWrite {
  readonly name: string;
  readonly type: keyof typeof tensorTypes;
  /** Row-major: the last size is the length of a row. */
  readonly shape: readonly number[];
  /** In the type's own representation. */
  readonly byteLength: number;
  /** Called when it is the tensor's turn to be written. */
  bytes(): Uint8Array | Promise<Uint8Array>;
}

const alignment = 32;
const padding = (size: number) => (alignment - (size % alignment)) % alignment;

/** The bytes of a whole file, tensor by tensor. */
export async function* ggufChunks(
  metadata: Readonly<Record<string, GgufField>>,
  tensors: readonly GgufTensorToWrite[],
): AsyncGenerator<Uint8Array> {
  yield header(metadata, tensors);
  for (const tensor of tensors) {
    const bytes = await tensor.bytes();
    if (bytes.length !== tensor.byteLength)
      throw new Error(`${tensor.name} has ${bytes.length} bytes, ${tensor.byteLength} were announced`);
    yield bytes;
    yield new Uint8Array(padding(bytes.length));
  }
}

function header(
  metadata: Readonly<Record<string, GgufField>>,
  tensors: readonly GgufTensorToWrite[],
): Uint8Array {
  const out = new Writer();
  out.uint32(0x46554747); // "GGUF"
  out.uint32(3);
  out.uint64(tensors.length);
  out.uint64(Object.keys(metadata).length);
  for (const [key, field] of Object.entries(metadata)) {
    out.string(key);
    out.field(field);
  }
  let offset = 0;
  for (const { name, type, shape, byteLength } of tensors) {
    out.string(name);
    out.uint32(shape.length);
    for (const size of [...shape].reverse()) out.uint64(size); // ggml writes the size of a row first
    out.uint32(tensorTypes[type]);
    out.uint64(offset);
    offset += byteLength + padding(byteLength);
  }
  return out.padded();
}

/** GGUF's numbers of value types. */
const valueTypes = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, list: 9 } as const;

/** Writes consecutive little-endian values. */
class Writer {
  #bytes = new Uint8Array(4096);
  #length = 0;

  padded(): Uint8Array {
    this.#place(padding(this.#length));
    return this.#bytes.subarray(0, this.#length);
  }

  uint32(value: number): void {
    this.#place(4).setUint32(0, value, true);
  }

  uint64(value: number): void {
    this.#place(8).setBigUint64(0, BigInt(value), true);
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.uint64(bytes.length);
    const { buffer, byteOffset } = this.#place(bytes.length);
    new Uint8Array(buffer, byteOffset, bytes.length).set(bytes);
  }

  field({ type, value }: GgufField): void {
    switch (type) {
      case 'string':
        this.uint32(valueTypes.string);
        this.string(value);
        break;
      case 'uint32':
        this.uint32(valueTypes.uint32);
        this.uint32(value);
        break;
      case 'float32':
        this.uint32(valueTypes.float32);
        this.#float32(value);
        break;
      case 'bool':
        this.uint32(valueTypes.bool);
        this.#place(1).setUint8(0, value ? 1 : 0);
        break;
      case 'strings':
        this.#list(valueTypes.string, value, (item) => this.string(item));
        break;
      case 'int32s':
        this.#list(valueTypes.int32, value, (item) => this.#place(4).setInt32(0, item, true));
        break;
      case 'float32s':
        this.#list(valueTypes.float32, value, (item) => this.#float32(item));
        break;
    }
  }

  #float32(value: number): void {
    this.#place(4).setFloat32(0, value, true);
  }

  #list<T>(type: number, items: readonly T[], write: (item: T) => void): void {
    this.uint32(valueTypes.list);
    this.uint32(type);
    this.uint64(items.length);
    for (const item of items) write(item);
  }

  /** Reserves the next `count` bytes, which are zero. */
  #place(count: number): DataView {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return new DataView(this.#bytes.buffer, start, count);
  }
}

/** The bytes of a tensor in a type. Rows of Q8_0 and Q4_1 consist of whole blocks of 32. */
export function ggufByteLength(type: keyof typeof tensorTypes, shape: readonly number[]): number {
  const count = elementCount(shape);
  return { F32: 4 * count, F16: 2 * count, Q4_1: (20 * count) / 32, Q8_0: (34 * count) / 32 }[type];
}
