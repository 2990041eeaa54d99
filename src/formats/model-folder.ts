/** @file A model's folder as Hugging Face lays it out: config.json, and safetensors in one file or in shards with an index. */
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FileError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { readJsonObject } from './json.js';
import { readSafetensorsHeader, readTensorAt, type TensorInfo, toFloat32 } from './safetensors.js';

/** A tensor in a file. */
export interface TensorLocation extends TensorInfo {
  /** The file's real path. */
  readonly path: string;
}

export interface ModelFolder {
  readonly folder: string;
  /** config.json */
  readonly config: Readonly<Record<string, unknown>>;
  /** generation_config.json, where there is one. */
  readonly generationConfig?: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, TensorLocation>;
}

const single = 'model.safetensors';
const index = 'model.safetensors.index.json';

/**
 * Opens a model's folder: reads its configuration and where every tensor lies, but no tensor.
 * @throws FileError where something is missing, damaged, or in a format that is not read here
 */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const names = new Set(
    await readdir(folder).catch((error) => {
      throw new FileError(folder, undefined, 'the model folder cannot be found', { cause: error });
    }),
  );
  if (!names.has('config.json'))
    throw new FileError(folder, 'config.json', 'the folder has no config.json, so it is not a model folder');
  return {
    folder,
    config: await readJsonObject(join(folder, 'config.json')),
    generationConfig: names.has('generation_config.json')
      ? await readJsonObject(join(folder, 'generation_config.json'))
      : undefined,
    tensors: names.has(single)
      ? await readSingle(folder)
      : names.has(index)
        ? await readShards(folder)
        : noWeights(folder, names),
  };
}

async function readSingle(folder: string): Promise<Map<string, TensorLocation>> {
  const { path, tensors } = await readSafetensorsHeader(join(folder, single));
  return new Map([...tensors].map(([name, info]) => [name, { ...info, path }]));
}

async function readShards(folder: string): Promise<Map<string, TensorLocation>> {
  const indexPath = join(folder, index);
  const map = (await readJsonObject(indexPath)).weight_map;
  if (typeof map !== 'object' || map === null) throw new FileError(indexPath, 'weight_map', 'it is missing');
  const shardOf = new Map(Object.entries(map as Record<string, unknown>));
  const locations = new Map<string, TensorLocation>();
  for (const shard of new Set(shardOf.values())) {
    if (typeof shard !== 'string' || basename(shard) !== shard) {
      throw new FileError(
        indexPath,
        'weight_map',
        `${JSON.stringify(shard)} is not the name of a file in this folder`,
      );
    }
    const { path, tensors } = await readSafetensorsHeader(join(folder, shard));
    for (const [name, info] of tensors) {
      if (locations.has(name))
        throw new FileError(path, name, `the tensor is also in ${locations.get(name)!.path}`);
      locations.set(name, { ...info, path });
    }
  }
  for (const [name, shard] of shardOf) {
    if (!locations.has(name))
      throw new FileError(indexPath, name, `the index says that it is in ${shard}, but it is not there`);
  }
  return locations;
}

function noWeights(folder: string, names: ReadonlySet<string>): never {
  const pickled = [...names].find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
  if (!pickled) throw new FileError(folder, single, 'the folder has no weights');
  throw new FileError(
    folder,
    pickled,
    "weights in PyTorch's pickle format are not read, because loading them can run code that came with them; " +
      'take a revision of the model with model.safetensors, or convert the file with the `safetensors` package in Python',
  );
}

/** Reads one parameter as float32. */
export async function readWeight(model: ModelFolder, name: string): Promise<Tensor<'float32'>> {
  const location = model.tensors.get(name);
  if (!location) throw new FileError(model.folder, name, 'the model has no such tensor');
  return toFloat32(await readTensorAt(location.path, location), location.path, name);
}
