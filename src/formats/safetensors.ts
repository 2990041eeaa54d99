/**
 * @file The safetensors format (huggingface/safetensors): eight bytes with the header's length, the header in JSON, then
 * the tensors' bytes. Files are untrusted: every number in a header is checked before it is used.
 */
import { open, realpath } from 'node:fs/promises';
import { FileError } from '../errors.js';
import { type DType, elementCount, type Tensor } from '../tensor.js';
import { writeFileAtomic } from './files.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './half.js';

/** Bytes an element, by the format's names of types. */
const elementSizes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;
export type SafetensorsDtype = keyof typeof elementSizes;

/** The largest header that the reference implementation reads. */
const maxHeaderBytes = 100_000_000;

export interface TensorInfo {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  /** Bytes from the beginning of the file. */
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
 * Reads and checks the header; tensors stay on disk.
 * @throws FileError where the file is missing, cut short, or its header is not consistent with itself and the file's size
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsFile> {
  const real = await realpath(path).catch((error) => {
    throw new FileError(path, undefined, 'the file cannot be found', { cause: error });
  });
  const file = await open(real, 'r');
  try {
    const { size } = await file.stat();
    const header = await readHeader(file, path, size);
    return { path: real, ...parseHeader(path, header.text, header.end, size) };
  } finally {
    await file.close();
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;

async function readHeader(
  file: FileHandle,
  path: string,
  size: number,
): Promise<{ text: string; end: number }> {
  const fail = (problem: string) => new FileError(path, 'header', problem);
  if (size < 8)
    throw fail(`a safetensors file begins with 8 bytes of length, but this one has only ${size} bytes`);
  const start = Buffer.alloc(8);
  await file.read(start, 0, 8, 0);
  const length = start.readBigUInt64LE();
  if (length > maxHeaderBytes)
    throw fail(
      `its length is given as ${length} bytes, more than the ${maxHeaderBytes} that are allowed; this is not a safetensors file, or it is damaged`,
    );
  const end = 8 + Number(length);
  if (end > size)
    throw fail(
      `its length is given as ${length} bytes, but the file ends ${end - size} bytes earlier; download it again`,
    );
  const bytes = Buffer.alloc(Number(length));
  await file.read(bytes, 0, bytes.length, 8);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), end };
  } catch (error) {
    throw new FileError(
      path,
      'header',
      'it is not UTF-8 text; this is not a safetensors file, or it is damaged',
      { cause: error },
    );
  }
}

function parseHeader(
  path: string,
  text: string,
  dataStart: number,
  size: number,
): Omit<SafetensorsFile, 'path'> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw new FileError(path, 'header', `it is not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (!isRecord(header)) throw new FileError(path, 'header', 'it is not a JSON object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new FileError(path, repeated, 'the header names this tensor twice');

  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw new FileError(path, '__metadata__', 'it must map names to texts');
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(entries))
    tensors.set(name, parseEntry(path, name, entry, dataStart));
  checkLayout(path, [...tensors.values()], dataStart, size);
  return { metadata: metadata as Record<string, string>, tensors };
}

function parseEntry(path: string, name: string, entry: unknown, dataStart: number): TensorInfo {
  const fail = (problem: string) => new FileError(path, name, problem);
  if (!isRecord(entry)) throw fail('its entry in the header is not a JSON object');
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !(dtype in elementSizes))
    throw fail(`its dtype ${JSON.stringify(dtype)} is unknown`);
  if (!Array.isArray(shape) || !shape.every(isSize))
    throw fail(`its shape ${JSON.stringify(shape)} is not a list of sizes`);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? offsets : [];
  if (!isSize(begin) || !isSize(end) || begin > end) {
    throw fail(`its data_offsets ${JSON.stringify(offsets)} are not a beginning and an end`);
  }
  const byteLength = end - begin;
  const expected = elementCount(shape) * elementSizes[dtype as SafetensorsDtype];
  if (byteLength !== expected) {
    throw fail(
      `${dtype} of shape [${shape.join(', ')}] takes ${expected} bytes, but its data_offsets span ${byteLength}`,
    );
  }
  return { name, dtype: dtype as SafetensorsDtype, shape, offset: dataStart + begin, byteLength };
}

/** Tensors must lie end to end from the header's end to the file's: no overlap, no gap, nothing left over. */
function checkLayout(path: string, tensors: TensorInfo[], dataStart: number, size: number): void {
  let end = dataStart;
  for (const tensor of tensors.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    if (tensor.offset < end)
      throw new FileError(path, tensor.name, 'its bytes overlap those of another tensor');
    if (tensor.offset > end)
      throw new FileError(path, tensor.name, `${tensor.offset - end} bytes before it belong to no tensor`);
    end += tensor.byteLength;
    if (end > size) {
      throw new FileError(
        path,
        tensor.name,
        `it ends at byte ${end}, but the file has only ${size}; the download was probably cut off, so fetch the file again`,
      );
    }
  }
  if (end < size)
    throw new FileError(path, undefined, `${size - end} bytes after the last tensor belong to none`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The first key that stands twice at the top level of a JSON object. JSON.parse would silently keep the last. */
function repeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (const match of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/gs)) {
    const [token] = match;
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) {
      const key = JSON.parse(token.slice(0, -1)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

const dtypes: Partial<Record<SafetensorsDtype, DType>> = {
  F32: 'float32',
  F64: 'float64',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  U8: 'uint8',
  BOOL: 'bool',
};

/** Reads one tensor's bytes, and nothing else of the file, as they are stored. */
export async function readTensor(file: SafetensorsFile, name: string): Promise<Tensor> {
  const info = file.tensors.get(name);
  if (!info) throw new FileError(file.path, name, 'the file has no such tensor');
  return readTensorAt(file.path, info);
}

/** Reads the tensor that lies at a known place. */
export async function readTensorAt(path: string, info: TensorInfo): Promise<Tensor> {
  const dtype = dtypes[info.dtype];
  if (!dtype) throw new FileError(path, info.name, `tensors of type ${info.dtype} are not supported`);
  const bytes = new ArrayBuffer(info.byteLength);
  const file = await open(path, 'r');
  try {
    let filled = 0;
    while (filled < info.byteLength) {
      const { bytesRead } = await file.read(
        new Uint8Array(bytes, filled),
        0,
        Math.min(info.byteLength - filled, 2 ** 30),
        info.offset + filled,
      );
      if (bytesRead === 0)
        throw new FileError(
          path,
          info.name,
          'the file ended while the tensor was read; was it changed meanwhile?',
        );
      filled += bytesRead;
    }
  } finally {
    await file.close();
  }
  return { dtype, shape: info.shape, data: typedArray(dtype, bytes) } as Tensor;
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

/** Reads one tensor of floating-point numbers as float32. */
export async function readFloat32(file: SafetensorsFile, name: string): Promise<Tensor<'float32'>> {
  return toFloat32(await readTensor(file, name), file.path, name);
}

export function toFloat32(tensor: Tensor, path: string, name: string): Tensor<'float32'> {
  const { dtype, shape, data } = tensor;
  if (dtype === 'float32') return tensor as Tensor<'float32'>;
  if (dtype === 'float16') return { dtype: 'float32', shape, data: float16ToFloat32(data as Uint16Array) };
  if (dtype === 'bfloat16') return { dtype: 'float32', shape, data: bfloat16ToFloat32(data as Uint16Array) };
  if (dtype === 'float64') return { dtype: 'float32', shape, data: Float32Array.from(data as Float64Array) };
  throw new FileError(path, name, `expected floating-point numbers, found ${dtype}`);
}

const safetensorsDtypes = Object.fromEntries(
  Object.entries(dtypes).map(([theirs, ours]) => [ours, theirs]),
) as Record<DType, SafetensorsDtype>;

/**
 * Writes tensors in the order that the reference implementation does (larger element types first, then by name), so the
 * same tensors give the same bytes.
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  const entries = [...tensors].map(([name, tensor]) => ({
    name,
    tensor,
    dtype: safetensorsDtypes[tensor.dtype],
  }));
  entries.sort((a, b) => elementSizes[b.dtype] - elementSizes[a.dtype] || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  for (const { name, tensor, dtype } of entries) {
    header[name] = { dtype, shape: tensor.shape, data_offsets: [end, end + tensor.data.byteLength] };
    end += tensor.data.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const chunks = function* () {
    yield length;
    yield padded;
    for (const { data } of entries.map(({ tensor }) => tensor))
      yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  };
  await writeFileAtomic(path, chunks());
}
