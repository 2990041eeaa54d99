/**
 * @file Tensors of a GGUF file that ONNX Runtime cannot use in place, written once as safetensors into Promptune's
 *   cache.
 *
 * Quantized numbers become float32: their exact values (float16 would round them), in a file that every session and
 * process maps, so that it costs no private memory. The file is named by the hash of the GGUF file's content.
 */
import { basename, fileSystem, host, join, type OpenFile, sha256 } from '#platform';
import { writeFileAtomic } from '../formats/files.js';
import { type GgufFile, type GgufTensor, readGgufBytes } from '../formats/gguf.js';
import { dequantize } from '../formats/gguf-blocks.js';
import type { TensorLocation } from '../formats/model-folder.js';
import { readChunks } from '../formats/read-chunks.js';
import { readSafetensorsHeader, safetensorsHeader } from '../formats/safetensors.js';
import { elementCount } from '../tensor.js';
import type { Undo } from './gguf-names.js';

/** A tensor of the file, and the parameter that it becomes. */
export interface Source {
  readonly name: string;
  readonly tensor: GgufTensor;
  readonly undo?: Undo;
}

export interface ConversionOptions {
  /** Default: PROMPTUNE_CACHE, else the folder `promptune` in XDG_CACHE_HOME, else in ~/.cache. */
  readonly cacheDir?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { file: string; loadedBytes: number; totalBytes: number }) => void;
}

/** Part of the hash, so that files of an earlier conversion are not reused. */
const version = 1;

/** Numbers converted at a time; other work runs in between. */
const chunkNumbers = 2 ** 20;

/** Where the parameters are; writes them unless an earlier call did. */
export async function convertTensors(
  file: GgufFile,
  sources: readonly Source[],
  { cacheDir = host.cacheFolder(), signal, onProgress }: ConversionOptions,
): Promise<Map<string, TensorLocation>> {
  const path = join(cacheDir, 'gguf', `${await contentHash(file.path, signal)}.safetensors`);
  if (!(await fileSystem.stat(path))) await writeConverted(path, file, sources, { signal, onProgress });
  const converted = await readSafetensorsHeader(path);
  return new Map([...converted.tensors].map(([name, info]) => [name, { ...info, path: converted.path }]));
}

async function contentHash(path: string, signal?: AbortSignal): Promise<string> {
  const hash = sha256().update(`promptune ${version}\n`);
  const file = await fileSystem.open(path, 'read');
  try {
    for await (const chunk of readChunks(file, { signal })) hash.update(chunk);
    return hash.hex();
  } finally {
    await file.close();
  }
}

async function writeConverted(
  path: string,
  file: GgufFile,
  sources: readonly Source[],
  { signal, onProgress }: Omit<ConversionOptions, 'cacheDir'>,
): Promise<void> {
  const targets = sources.map((source) => {
    const { shape, type } = source.tensor;
    const dtype = isMovedOnly(source) ? (type as 'F32' | 'F16' | 'BF16') : 'F32';
    const byteLength = elementCount(shape) * (dtype === 'F32' ? 4 : 2);
    const turned = source.undo?.kind === 'transposed' ? [...shape].reverse() : shape;
    return { name: source.name, dtype, shape: turned, byteLength, source };
  });
  const { header, entries } = safetensorsHeader(targets);
  const totalBytes = targets.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const handle = await fileSystem.open(file.path, 'read');
  async function* content() {
    yield header;
    let loadedBytes = 0;
    for (const { source } of entries) {
      for await (const chunk of convertedChunks(handle, file.path, source)) {
        signal?.throwIfAborted();
        yield chunk;
        loadedBytes += chunk.length;
        onProgress?.({ file: `unpacking ${basename(file.path)}`, loadedBytes, totalBytes });
      }
    }
  }
  await writeFileAtomic(path, content()).finally(() => handle.close());
}

/** Whether a parameter has the same bytes as its tensor, in another order. */
function isMovedOnly({ tensor: { type }, undo }: Source): boolean {
  return undo?.kind === 'interleaved-heads' && (type === 'F32' || type === 'F16' || type === 'BF16');
}

async function* convertedChunks(handle: OpenFile, path: string, source: Source): AsyncGenerator<Uint8Array> {
  const { tensor, undo } = source;
  if (undo?.kind === 'transposed') {
    const bytes = await readGgufBytes(handle, path, tensor);
    yield bytesOf(transpose(dequantize(tensor.type, bytes, elementCount(tensor.shape)), tensor.shape));
    return;
  }
  const rows = tensor.shape.length > 1 ? elementCount(tensor.shape.slice(0, -1)) : 1;
  const rowSize = elementCount(tensor.shape) / rows;
  if (undo?.kind === 'interleaved-heads') {
    // The rows of a bias are single numbers.
    const moved = tensor.shape.length > 1 ? rows : rowSize;
    const bytes = splitHalves(await readGgufBytes(handle, path, tensor), moved, undo.numHeads);
    yield isMovedOnly(source) ? bytes : bytesOf(dequantize(tensor.type, bytes, rows * rowSize));
    return;
  }
  const rowBytes = tensor.byteLength / rows;
  const rowsAtOnce = Math.max(1, Math.floor(chunkNumbers / rowSize));
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - row);
    const bytes = await readGgufBytes(handle, path, tensor, row * rowBytes, count * rowBytes);
    const numbers = dequantize(tensor.type, bytes, count * rowSize);
    if (undo?.kind === 'one-added') for (let i = 0; i < numbers.length; i++) numbers[i]! -= 1;
    yield bytesOf(numbers);
  }
}

/** Reorders the rows of each head from rotary pairs (0, h, 1, h+1, …) to halves (0, 1, …, h, h+1, …). */
function splitHalves(bytes: Uint8Array, rows: number, numHeads: number): Uint8Array {
  const rowBytes = bytes.length / rows;
  const headRows = rows / numHeads;
  const moved = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headRows;
    const target = row - inHead + (inHead >> 1) + (inHead & 1) * (headRows / 2);
    moved.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), target * rowBytes);
  }
  return moved;
}

/** The reverse: reorders the rows of each head from halves to pairs. */
export function joinHalves(numbers: Float32Array, rows: number, heads: number): Float32Array {
  const rowSize = numbers.length / rows;
  const headRows = rows / heads;
  const moved = new Float32Array(numbers.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headRows;
    const source = row - inHead + (inHead >> 1) + (inHead & 1) * (headRows / 2);
    moved.set(numbers.subarray(source * rowSize, (source + 1) * rowSize), row * rowSize);
  }
  return moved;
}

export function transpose(numbers: Float32Array, [rows, columns]: readonly number[]): Float32Array {
  const turned = new Float32Array(numbers.length);
  for (let i = 0; i < rows!; i++)
    for (let j = 0; j < columns!; j++) turned[j * rows! + i] = numbers[i * columns! + j]!;
  return turned;
}

export function bytesOf(numbers: Float32Array | Uint16Array | Uint8Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
