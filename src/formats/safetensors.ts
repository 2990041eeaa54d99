/**
 * @file The safetensors format (huggingface/safetensors): the header's length in eight bytes, the header in JSON, then
 *   the tensors' bytes. Files are untrusted: every number in a header is checked before it is used.
 */
import { fileSystem, type OpenFile } from '#platform';
import { FileError } from '../errors.js';
import { say } from '../say.js';
import { type DType, elementCount, type Tensor } from '../tensor.js';
import { withFileErrors, writeFileAtomic } from './files.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';
import { isJsonObject } from './json.js';

/**
 * Bits per element, by the format's type names, in the order of the reference implementation, which decides the layout
 * of files.
 */
const elementBits = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;
export type SafetensorsDtype = keyof typeof elementBits;

/** The largest header that the reference implementation accepts. */
const maxHeaderBytes = 100_000_000;

/** Levels of objects and lists in a header: the header, a tensor's entry, its shape. */
const maxHeaderDepth = 3;

export interface TensorInfo {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Byte offset from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsFile {
  /** The real path, symbolic links resolved. */
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/**
 * Reads and checks the header. Tensors stay on disk.
 * @throws FileError if the file is missing or truncated, or its header contradicts itself or the file's size
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsFile> {
  return withFileErrors(path, 'read', async () => {
    const real = await fileSystem.realpath(path);
    const file = await fileSystem.open(real, 'read');
    try {
      const size = await file.size();
      const header = await readHeader(file, path, size);
      return { path: real, ...parseHeader(path, header.text, header.end, size) };
    } finally {
      await file.close();
    }
  });
}

async function readHeader(
  file: OpenFile,
  path: string,
  size: number,
): Promise<{ text: string; end: number }> {
  const fail = (problem: string) => new FileError(path, 'header', problem);
  if (size < 8)
    throw fail(say`expected the header's length in the first 8 bytes, but the file has only ${size} bytes`);
  const start = new Uint8Array(8);
  await file.read(start, 0);
  const length = new DataView(start.buffer).getBigUint64(0, true);
  if (length > maxHeaderBytes)
    throw fail(
      say`expected at most ${maxHeaderBytes} bytes, found ${length}; this is not a safetensors file,
        or it is damaged`,
    );
  const end = 8 + Number(length);
  if (end > size)
    throw fail(
      say`expected ${length} bytes, but ${end - size} of them are missing; the download was probably
        cut off, so fetch the file again`,
    );
  const bytes = new Uint8Array(Number(length));
  await file.read(bytes, 8);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), end };
  } catch (cause) {
    const problem = say`it is not UTF-8 text; this is not a safetensors file, or it is damaged`;
    throw new FileError(path, 'header', problem, { cause });
  }
}

function parseHeader(
  path: string,
  text: string,
  dataStart: number,
  size: number,
): Omit<SafetensorsFile, 'path'> {
  const keys = topLevelKeys(path, text);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new FileError(path, 'header', say`it is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isJsonObject(header)) throw new FileError(path, 'header', say`expected a JSON object`);
  const repeated = firstRepeated(keys.map((key) => JSON.parse(key) as string));
  if (repeated !== undefined) throw new FileError(path, repeated, say`the header names this tensor twice`);

  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isTextRecord(metadata)) throw new FileError(path, '__metadata__', say`expected an object of strings`);
  const tensors = Object.entries(entries).map(([name, entry]) => parseEntry(path, name, entry, dataStart));
  tensors.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  checkLayout(path, tensors, dataStart, size);
  return { metadata, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])) };
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): TensorInfo {
  const fail = (problem: string) => new FileError(path, name, problem);
  if (!isJsonObject(entry)) throw fail(say`expected a JSON object as its entry in the header`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) throw fail(say`its dtype ${JSON.stringify(dtype)} is unknown`);
  if (!Array.isArray(shape) || !shape.every(isSize))
    throw fail(say`its shape ${JSON.stringify(shape)} is not a list of sizes`);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isSize(begin) || !isSize(end) || begin > end) {
    throw fail(say`expected data_offsets of a start and an end, found ${JSON.stringify(offsets)}`);
  }
  const byteLength = end - begin;
  const expected = (elementCount(shape) * elementBits[dtype]) / 8;
  if (byteLength !== expected) {
    throw fail(
      say`${dtype} of shape [${shape.join(', ')}] takes ${expected} bytes, but its data_offsets span
        ${byteLength}`,
    );
  }
  return { name, dtype, shape, offset: dataStart + begin, byteLength };
}

/**
 * Tensors must lie end to end from the header's end to the file's: no overlap, no gap, nothing left over.
 * @param tensors by offset
 */
function checkLayout(path: string, tensors: readonly TensorInfo[], dataStart: number, size: number): void {
  let end = dataStart;
  for (const { name, offset, byteLength } of tensors) {
    if (offset < end) throw new FileError(path, name, say`its bytes overlap those of another tensor`);
    if (offset > end)
      throw new FileError(path, name, say`${offset - end} bytes before it belong to no tensor`);
    end = offset + byteLength;
  }
  if (end < size)
    throw new FileError(path, undefined, say`${size - end} bytes after the last tensor belong to no tensor`);
  const cut = tensors.find(({ offset, byteLength }) => offset + byteLength > size);
  if (cut) {
    throw new FileError(
      path,
      cut.name,
      say`the file has ${size} bytes, but the header describes ${end}: ${end - size} are missing,
        from this tensor on; the download was probably cut off, so fetch the file again`,
    );
  }
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(elementBits, value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * The keys of a JSON object as its text has them: JSON.parse would silently keep the last of equal ones. Runs before
 * JSON.parse, on text that may not be JSON, and rejects deep nesting, which would keep JSON.parse busy for long.
 */
function topLevelKeys(path: string, json: string): string[] {
  const keys: string[] = [];
  let lastString = '';
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      const end = endOfString(json, at);
      if (depth === 1) lastString = json.slice(at, end + 1);
      at = end;
    } else if (character === ':' && depth === 1) keys.push(lastString);
    else if (character === '}' || character === ']') depth--;
    else if (character === '{' || character === '[') {
      depth++;
      if (depth > maxHeaderDepth)
        throw new FileError(path, 'header', say`expected at most ${maxHeaderDepth} levels of nesting`);
    }
  }
  return keys;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** The types that Promptune computes with, by their names in files. */
export const dtypes: Partial<Record<SafetensorsDtype, DType>> = {
  F32: 'float32',
  F64: 'float64',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  U8: 'uint8',
  BOOL: 'bool',
};

/**
 * Reads one tensor's bytes as they are stored, and nothing else of the file.
 * @throws FileError if the file has no such tensor, or its type is not supported
 */
export async function readTensor(file: SafetensorsFile, name: string): Promise<Tensor> {
  const info = file.tensors.get(name);
  if (!info) throw new FileError(file.path, name, say`the file has no such tensor`);
  return readTensorAt(file.path, info);
}

/** Reads a tensor at a known place. */
export async function readTensorAt(path: string, info: TensorInfo): Promise<Tensor> {
  const dtype = dtypes[info.dtype];
  if (!dtype) throw new FileError(path, info.name, say`tensors of type ${info.dtype} are not supported`);
  const bytes = await withFileErrors(path, 'read', () => readBytes(path, info));
  return { dtype, shape: info.shape, data: typedArray(dtype, bytes) } as Tensor;
}

async function readBytes(path: string, { name, offset, byteLength }: TensorInfo): Promise<ArrayBuffer> {
  const bytes = new ArrayBuffer(byteLength);
  const file = await fileSystem.open(path, 'read');
  try {
    if ((await file.read(new Uint8Array(bytes), offset)) === byteLength) return bytes;
    throw new FileError(
      path,
      name,
      say`the file ended before the tensor did; it may have changed while it was read`,
    );
  } finally {
    await file.close();
  }
}

function typedArray(dtype: DType, bytes: ArrayBuffer): Tensor['data'] {
  switch (dtype) {
    case 'float32':
      return new Float32Array(bytes);
    case 'float64':
      return new Float64Array(bytes);
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(bytes);
    case 'int64':
      return new BigInt64Array(bytes);
    case 'int32':
      return new Int32Array(bytes);
    case 'uint8':
    case 'bool':
      return new Uint8Array(bytes);
  }
}

/** Reads one floating-point tensor as float32. */
export async function readFloat32(file: SafetensorsFile, name: string): Promise<Tensor<'float32'>> {
  return toFloat32(await readTensor(file, name), file.path, name);
}

/** Every tensor of a file as float32, by name, in the file's order. */
export async function readAllFloat32(
  path: string,
  signal?: AbortSignal,
): Promise<Map<string, Tensor<'float32'>>> {
  const file = await readSafetensorsHeader(path);
  const tensors = new Map<string, Tensor<'float32'>>();
  for (const name of file.tensors.keys()) {
    signal?.throwIfAborted();
    tensors.set(name, await readFloat32(file, name));
  }
  return tensors;
}

/**
 * A floating-point tensor of any width as float32: narrower types exactly, float64 rounded.
 * @throws FileError naming `path` and `name` if the tensor is not floating-point
 */
export function toFloat32(tensor: Tensor, path: string, name: string): Tensor<'float32'> {
  const { dtype, shape, data } = tensor;
  if (dtype === 'float32') return tensor as Tensor<'float32'>;
  if (dtype === 'float16') return { dtype: 'float32', shape, data: float16ToFloat32(data as Uint16Array) };
  if (dtype === 'bfloat16') return { dtype: 'float32', shape, data: bfloat16ToFloat32(data as Uint16Array) };
  if (dtype === 'float64') return { dtype: 'float32', shape, data: new Float32Array(data as Float64Array) };
  throw new FileError(path, name, say`expected floating-point numbers, found ${dtype}`);
}

const safetensorsDtypes = Object.fromEntries(
  Object.entries(dtypes).map(([theirs, ours]) => [ours, theirs]),
) as Record<DType, SafetensorsDtype>;

const layoutOrder = Object.keys(elementBits).reverse();

/** A tensor to write. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/**
 * The header of a file of `tensors`, and these in the order in which their bytes must follow: that of the reference
 * implementation, wider types first, then by name.
 * @param metadata strings by name. Default: `{ format: 'pt' }`, which transformers requires
 */
export function safetensorsHeader<T extends TensorEntry>(
  tensors: Iterable<T>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): { header: Uint8Array; entries: T[] } {
  const entries = [...tensors].sort(
    (a, b) => layoutOrder.indexOf(a.dtype) - layoutOrder.indexOf(b.dtype) || compareAsUtf8(a.name, b.name),
  );
  // Not built as one object, which would put names such as "0" first and lose "__proto__".
  const fields = Object.keys(metadata).length > 0 ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  let end = 0;
  for (const { name, dtype, shape, byteLength } of entries) {
    const entry = { dtype, shape, data_offsets: [end, end + byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    end += byteLength;
  }
  const json = utf8.encode(`{${fields.join(',')}}`);
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(' '.charCodeAt(0));
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return { header, entries };
}

const utf8 = new TextEncoder();

/** Rust's order of strings, by UTF-8 bytes; JavaScript's is by UTF-16 units. */
function compareAsUtf8(a: string, b: string): number {
  const [x, y] = [utf8.encode(a), utf8.encode(b)];
  const differs = x.findIndex((byte, i) => byte !== y[i]);
  return differs < 0 ? x.length - y.length : x[differs]! - (y[differs] ?? -1);
}

/** A file of `tensors` in chunks, without copying a tensor. Equal tensors give equal bytes. */
export function safetensorsChunks(
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): readonly Uint8Array[] {
  const targets = [...tensors].map(([name, { dtype, shape, data }]) => ({
    name,
    dtype: safetensorsDtypes[dtype],
    shape,
    byteLength: data.byteLength,
    data,
  }));
  const { header, entries } = safetensorsHeader(targets, metadata);
  return [
    header,
    ...entries.map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

/**
 * Writes `tensors` to disk chunk by chunk.
 * @throws FileError if the file cannot be written; an existing file is left unchanged
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeFileAtomic(path, safetensorsChunks(tensors, metadata));
}
