/** @file A model's folder in Hugging Face's layout: config.json and safetensors, in one file or in indexed shards. */
import { join } from '#platform';
import { FileError } from '../errors.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';
import { listFolder } from './files.js';
import { isJsonObject, type JsonObject, readJsonObject } from './json.js';
import { type AdapterUsage, ownName, parseOwnFile } from './own-file.js';
import { readSafetensorsHeader, readTensorAt, type TensorInfo, toFloat32 } from './safetensors.js';

/** A tensor's place in a file. */
export interface TensorLocation extends TensorInfo {
  /** The file's real path. */
  readonly path: string;
}

/** A folder of a model, or a GGUF file as one (see models/gguf-model.ts). */
export interface ModelFolder {
  readonly folder: string;
  /** The file that `config` is from. */
  readonly configPath: string;
  /** config.json */
  readonly config: Readonly<Record<string, unknown>>;
  /** generation_config.json, if there is one. */
  readonly generationConfig?: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, TensorLocation>;
  /** How it is used, if it was trained here, or has an adapter in its weights. */
  readonly usage?: AdapterUsage;
  /** For a GGUF file: the content of a folder's tokenizer files, by name. */
  tokenizerFiles?(): Readonly<Record<string, JsonObject>>;
}

const single = 'model.safetensors';
const index = 'model.safetensors.index.json';

/**
 * Opens a model's folder: reads its configuration and where every tensor lies, but no tensor.
 * @throws FileError if something is missing, damaged or in an unsupported format; the signal's reason
 */
export async function openModelFolder(folder: string, signal?: AbortSignal): Promise<ModelFolder> {
  const names = await listFolder(folder, say`a model folder`);
  if (!names.has('config.json')) throw new FileError(folder, 'config.json', notAModel(folder, names));
  const configPath = join(folder, 'config.json');
  return {
    folder,
    configPath,
    config: await readJsonObject(configPath),
    generationConfig: names.has('generation_config.json')
      ? await readJsonObject(join(folder, 'generation_config.json'))
      : undefined,
    tensors: await locateTensors(folder, names, signal),
    ...(names.has(ownName) && { usage: (await readOwnFile(join(folder, ownName))).usage }),
  };
}

const readOwnFile = async (path: string) => parseOwnFile(await readJsonObject(path), path);

function notAModel(folder: string, names: ReadonlySet<string>): string {
  if (names.has('adapter_config.json'))
    return say`this is an adapter's folder; use the folder of its base model`;
  const gguf = [...names].find((name) => name.endsWith('.gguf'));
  const hint = gguf === undefined ? '' : say`; for the GGUF file in it, use ${join(folder, gguf)}`;
  return say`the file is missing, so this is not a model folder${hint}`;
}

function locateTensors(
  folder: string,
  names: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Map<string, TensorLocation>> {
  if (names.has(single)) return locateInFile(join(folder, single));
  if (names.has(index)) return locateInShards(folder, names, signal);
  const pickled = [...names].find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
  if (!pickled) throw new FileError(folder, single, say`the file is missing, so the model has no weights`);
  throw new FileError(
    folder,
    pickled,
    say`weights in PyTorch's pickle format are not supported, because loading them can run code; use
      a revision of the model with model.safetensors, or convert the file with the \`safetensors\`
      package in Python`,
  );
}

async function locateInFile(file: string): Promise<Map<string, TensorLocation>> {
  const { path, tensors } = await readSafetensorsHeader(file);
  return new Map([...tensors].map(([name, info]) => [name, { ...info, path }]));
}

async function locateInShards(
  folder: string,
  names: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Map<string, TensorLocation>> {
  const indexPath = join(folder, index);
  const { weight_map: shardByName } = await readJsonObject(indexPath);
  if (!isJsonObject(shardByName))
    throw new FileError(indexPath, 'weight_map', say`expected an object with the file of every tensor`);
  const tensors = new Map<string, TensorLocation>();
  for (const shard of new Set(Object.values(shardByName))) {
    signal?.throwIfAborted();
    if (typeof shard !== 'string' || !/^[^/\\]+\.safetensors$/.test(shard)) {
      const problem = say`${JSON.stringify(shard)} is not the name of a safetensors file in this folder`;
      throw new FileError(indexPath, 'weight_map', problem);
    }
    if (!names.has(shard))
      throw new FileError(
        indexPath,
        'weight_map',
        say`the folder lacks the file ${shard}; fetch the model again`,
      );
    const found = await locateInFile(join(folder, shard));
    for (const [name, location] of found) {
      const other = tensors.get(name);
      if (other) throw new FileError(location.path, name, say`the tensor is also in ${other.path}`);
      tensors.set(name, location);
    }
    for (const [name, expected] of Object.entries(shardByName)) {
      if (expected === shard && !found.has(name))
        throw new FileError(
          indexPath,
          name,
          say`the index says it is in ${shard}, but that file does not have it`,
        );
    }
  }
  return tensors;
}

/** Reads one parameter as float32. */
export async function readWeight(model: ModelFolder, name: string): Promise<Tensor<'float32'>> {
  const location = model.tensors.get(name);
  if (!location) throw new FileError(model.folder, name, say`the model has no such tensor`);
  return toFloat32(await readTensorAt(location.path, location), location.path, name);
}
