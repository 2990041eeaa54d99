/**
 * @file Keeps a model's matrices in a chosen precision. Arithmetic is float32 throughout; vectors (biases,
 *   normalizations) and trained tensors keep their type.
 *
 * Converted matrices are written once into Promptune's cache, as safetensors, and memory-mapped.
 */
import { basename, fileSystem, host, join, sha256 } from '#platform';
import { FileError } from '../errors.js';
import { writeFileAtomic } from '../formats/files.js';
import { float32ToFloat16 } from '../formats/half.js';
import type { TensorLocation } from '../formats/model-folder.js';
import { readSafetensorsHeader, safetensorsHeader } from '../formats/safetensors.js';
import { blockSize } from '../graph/index.js';
import { type ModelDtype, modelDtypes } from '../models/dtype.js';
import type { Architecture } from '../models/model.js';
import { filesOf, type PackedWeight, type WeightFiles } from '../models/weights.js';
import { say } from '../say.js';
import { elementCount } from '../tensor.js';
import { bytesOf, type ConversionOptions, transpose } from './gguf-conversion.js';
import { bytesPerRow, type QuantizedRows, quantizedRows, quantizeRows } from './quantize.js';
import { readRows } from './read-rows.js';

/** Below this size, keeping unpacked 16-bit weights costs less memory than repeated unpacking costs time. */
const smallModel = 2 ** 26;

/** Part of the names in the cache, so that files of an earlier conversion are not reused. */
const version = 1;

/** A matrix and its target type. */
interface Matrix {
  readonly name: string;
  readonly location: TensorLocation;
  /** For blocks: whether it is [in, out] in the file; its blocks lie along the columns of the transpose. */
  readonly isInOut: boolean;
  readonly target: 'F32' | 'F16' | 4 | 8;
}

/** The files of a model, with its matrices in `dtype`. */
export async function withPrecision(
  files: WeightFiles,
  architecture: Pick<Architecture, 'config' | 'linearLayers' | 'parameters'>,
  dtype: ModelDtype,
  options: ConversionOptions = {},
): Promise<WeightFiles> {
  const matrices = matricesOf(files, architecture);
  const isHalf = ({ dtype }: TensorLocation) => dtype === 'F16' || dtype === 'BF16';
  if (dtype === 'auto' || dtype === 'fp16') {
    const halves = [...matrices].filter(([, { location }]) => isHalf(location));
    const bytes = halves.reduce((sum, [, { location }]) => sum + location.byteLength, 0);
    if (dtype === 'auto' && bytes < smallModel) return files;
    const wide = [...matrices].filter(([, { location }]) => dtype === 'fp16' && !isHalf(location));
    const made = await converted(
      wide.map(([name, matrix]) => ({ name, ...matrix, target: 'F16' })),
      'fp16',
      options,
    );
    const packed = new Map<string, PackedWeight>();
    for (const [name, { location }] of halves) packed.set(name, { values: location });
    for (const [name, values] of made) packed.set(name, { values });
    return filesOf(files.locations, packed);
  }
  if (dtype === 'fp32') {
    const halves = [...matrices].filter(([, { location }]) => location.dtype !== 'F32');
    const made = await converted(
      halves.map(([name, matrix]) => ({ name, ...matrix, target: 'F32' })),
      'fp32',
      options,
    );
    return filesOf(new Map([...files.locations, ...made]));
  }
  const fitting = [...matrices].flatMap(([name, { location, isInOut, isLinear }]): Matrix[] => {
    const columns = location.shape[isInOut ? 0 : 1]!;
    if (columns % (2 * blockSize) !== 0) return [];
    return [{ name, location, isInOut, target: dtype === 'q4' && isLinear ? 4 : 8 }];
  });
  const made = await converted(fitting, dtype, options);
  const packed = new Map<string, PackedWeight>();
  for (const { name, isInOut, target } of fitting) {
    const part = (kind: string) => made.get(`${name}.${kind}`)!;
    const blocks = { bits: target as 4 | 8, scales: part('scales'), zeros: part('zeros'), isInOut };
    packed.set(name, { values: part('values'), blocks });
  }
  return filesOf(files.locations, packed);
}

/** Size of a model's weights in their current types, in bytes. */
export function weightBytes({ files: { locations, packed } }: { readonly files: WeightFiles }): number {
  let bytes = 0;
  for (const [name, location] of locations) {
    const { values, blocks } = packed?.get(name) ?? { values: location };
    bytes += values.byteLength + (blocks ? blocks.scales.byteLength + blocks.zeros.byteLength : 0);
  }
  return bytes;
}

/** The weights of linear layers, the embeddings and the head. */
function matricesOf(
  { locations }: WeightFiles,
  { config, linearLayers, parameters }: Pick<Architecture, 'config' | 'linearLayers' | 'parameters'>,
): Map<string, { location: TensorLocation; isInOut: boolean; isLinear: boolean }> {
  const found = new Map<string, { location: TensorLocation; isInOut: boolean; isLinear: boolean }>();
  for (const [name, shape] of parameters) {
    const layer = name.endsWith('.weight') ? linearLayers.get(name.slice(0, -'.weight'.length)) : undefined;
    const isVocabulary = shape.length === 2 && shape[0] === config.vocabSize;
    if (!layer && !isVocabulary) continue;
    const isInOut = layer?.layout === 'in-out';
    found.set(name, { location: locations.get(name)!, isInOut, isLinear: layer !== undefined });
  }
  return found;
}

/** The locations of the converted tensors, by name; writes them unless an earlier call did. */
async function converted(
  matrices: readonly Matrix[],
  dtype: ModelDtype,
  { cacheDir = host.cacheFolder(), signal, onProgress }: ConversionOptions,
): Promise<Map<string, TensorLocation>> {
  if (matrices.length === 0) return new Map();
  const path = join(cacheDir, 'precision', `${await identity(matrices)}-${dtype}.safetensors`);
  if (!(await fileSystem.stat(path))) {
    const parts = matrices.flatMap((matrix) => partsOf(matrix, signal));
    const { header, entries } = safetensorsHeader(parts);
    const totalBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const file = `converting ${basename(matrices[0]!.location.path)} to ${dtype}`;
    async function* content() {
      yield header;
      let loadedBytes = 0;
      for (const { make } of entries) {
        signal?.throwIfAborted();
        const bytes = await make();
        yield bytes;
        loadedBytes += bytes.length;
        onProgress?.({ file, loadedBytes, totalBytes });
      }
    }
    await writeFileAtomic(path, content());
  }
  const { tensors, path: realPath } = await readSafetensorsHeader(path);
  return new Map([...tensors].map(([name, info]) => [name, { ...info, path: realPath }]));
}

/** Changes whenever a weight file does. Its content is not read, as it may have gigabytes. */
async function identity(matrices: readonly Matrix[]): Promise<string> {
  const hash = sha256().update(`promptune ${version}\n`);
  for (const path of [...new Set(matrices.map(({ location }) => location.path))].sort()) {
    const { size, modified } = (await fileSystem.stat(path))!;
    hash.update(`${path}\n${size}\n${modified}\n`);
  }
  return hash.hex().slice(0, 32);
}

/**
 * A tensor of the cache's file. Blocks have the type U8 whatever they contain, so that all parts of a matrix are made
 * together.
 */
interface Part {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'U8';
  readonly shape: readonly number[];
  readonly byteLength: number;
  make(): Promise<Uint8Array>;
}

function partsOf({ name, location, isInOut, target }: Matrix, signal?: AbortSignal): Part[] {
  const { shape } = location;
  const count = elementCount(shape);
  if (target === 'F32')
    return [
      {
        name,
        dtype: 'F32',
        shape,
        byteLength: 4 * count,
        make: async () => bytesOf(await finiteRows(location)),
      },
    ];
  if (target === 'F16')
    return [{ name, dtype: 'F16', shape, byteLength: 2 * count, make: () => halvesOf(location) }];
  const [rows, columns] = (isInOut ? shape.toReversed() : shape) as [number, number];
  const sizes = bytesPerRow(columns, target);
  const quantized = keptFor(3, () =>
    quantizedMatrix({ name, location, isInOut, target }, rows, columns, target, signal),
  );
  return (['scales', 'values', 'zeros'] as const).map((kind) => ({
    name: `${name}.${kind}`,
    dtype: 'U8',
    shape: [rows, sizes[kind]],
    byteLength: rows * sizes[kind],
    make: async () => bytesOf((await quantized())[kind]),
  }));
}

/** Numbers that are rounded at a time; other work runs in between. */
const chunkNumbers = 2 ** 21;

async function quantizedMatrix(
  { location, isInOut }: Matrix,
  rows: number,
  columns: number,
  bits: 4 | 8,
  signal?: AbortSignal,
): Promise<QuantizedRows> {
  const target = quantizedRows(rows, columns, bits);
  if (isInOut) {
    quantizeRows(transpose(await finiteRows(location), location.shape), columns, bits, target);
    return target;
  }
  const atOnce = Math.max(1, Math.floor(chunkNumbers / columns));
  for (let row = 0; row < rows; row += atOnce) {
    signal?.throwIfAborted();
    quantizeRows(await finiteRows(location, row, Math.min(rows, row + atOnce)), columns, bits, target, row);
  }
  return target;
}

async function halvesOf(location: TensorLocation): Promise<Uint8Array> {
  const numbers = await finiteRows(location);
  const largest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (largest >= 65520)
    throw new FileError(
      location.path,
      location.name,
      say`${largest} is too large for float16; use another dtype (${modelDtypes.join(', ')})`,
    );
  return bytesOf(float32ToFloat16(numbers));
}

/** The numbers of rows `from` to `to` of a matrix. Throws a FileError if one is not finite. */
async function finiteRows(
  location: TensorLocation,
  from = 0,
  to = location.shape[0]!,
): Promise<Float32Array> {
  const rows = await readRows(location, from, to);
  if (rows.every(Number.isFinite)) return rows;
  throw new FileError(location.path, location.name, say`a number in it is not finite; fetch the file again`);
}

/** The result of `make`, which is called on the first of `uses` calls and released after the last. */
function keptFor<T>(uses: number, make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  let used = 0;
  return () => {
    used++;
    kept ??= make();
    const result = kept;
    if (used % uses === 0) kept = undefined;
    return result;
  };
}
