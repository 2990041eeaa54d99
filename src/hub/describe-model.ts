/** @file Describes a local model by its configuration and the headers of its weights. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readGgufHeader } from '../formats/gguf.js';
import { openModelFolder } from '../formats/model-folder.js';
import { dtypes } from '../formats/safetensors.js';

export interface ModelDescription {
  /** `model_type` of config.json, or the architecture of a GGUF file. */
  readonly family?: string;
  /** The type that most of the weights have by bytes, such as float16 or Q4_K. */
  readonly dtype?: string;
  /** Size of all of its files. */
  readonly bytes: number;
}

/**
 * @param path a model's folder, or a GGUF file
 * @throws FileError if it is not a model, or damaged
 */
export async function describeModel(path: string): Promise<ModelDescription> {
  return (await stat(path)).isDirectory() ? describeFolder(path) : describeGguf(path);
}

async function describeFolder(folder: string): Promise<ModelDescription> {
  const { config, tensors } = await openModelFolder(folder);
  const types = [...tensors.values()].map(({ dtype, byteLength }) => [dtype, byteLength] as const);
  const dtype = mostOf(types);
  return {
    family: textOf(config.model_type),
    dtype: dtype && (dtypes[dtype] ?? dtype),
    bytes: await folderBytes(folder),
  };
}

async function describeGguf(path: string): Promise<ModelDescription> {
  const { metadata, tensors } = await readGgufHeader(path);
  return {
    family: textOf(metadata.get('general.architecture')),
    dtype: mostOf([...tensors.values()].map(({ type, byteLength }) => [type, byteLength] as const)),
    bytes: (await stat(path)).size,
  };
}

function mostOf<T extends string>(sizes: readonly (readonly [T, number])[]): T | undefined {
  const sums = new Map<T, number>();
  for (const [type, bytes] of sizes) sums.set(type, (sums.get(type) ?? 0) + bytes);
  return [...sums].sort(([, a], [, b]) => b - a)[0]?.[0];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Links are followed: in the cache each file is one. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries.map(async ({ parentPath, name }) => {
    const found = await stat(join(parentPath, name)).catch(() => undefined); // a link may lead nowhere
    return found?.isFile() ? found.size : 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
