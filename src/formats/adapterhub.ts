/**
 * @file An adapter's folder as AdapterHub's library `adapters` lays it out: adapter_config.json, whose `config` holds the
 * adapter's settings, and adapter.safetensors. What settings and tensors mean is the methods' business.
 */
import { join } from '#platform';
import { FileError } from '../errors.js';
import type { Tensor, TrainableTensors } from '../tensor.js';
import { listFolder, writeFileAtomic, writeFolderAtomic } from './files.js';
import { isJsonObject, type JsonObject, readJsonObject, sortKeys } from './json.js';
import { readAllFloat32, writeSafetensors } from './safetensors.js';

export interface AdapterHubConfig {
  /** `config.architecture`, such as lora. Bottleneck adapters have none in the file, and `bottleneck` here. */
  readonly architecture: string;
  /** `config`: the adapter's settings. */
  readonly settings: Readonly<JsonObject>;
  /** `model_name` in the file. */
  readonly baseModelNameOrPath?: string;
  /** adapter_config.json as it was read, keys that are not known here included. */
  readonly raw: Readonly<JsonObject>;
}

export interface AdapterHubAdapter {
  readonly folder: string;
  readonly config: AdapterHubConfig;
  /** By their names in the file, without the part that is the adapter's own name (`adapters.<name>.`). */
  readonly tensors: TrainableTensors;
}

const configName = 'adapter_config.json';
const weightsName = 'adapter.safetensors';

/** What the adapter is called in the files that are written here; a model of AdapterHub's may hold several by name. */
const adapterName = 'promptune';

/** The release whose form is written. Files without one are taken for older, and their `gelu` for another function. */
const version = 'adapters.1.3.0';

/** @throws FileError where the folder is no adapter, or one of its files is damaged or in a format that is not read */
export async function readAdapterHubAdapter(folder: string): Promise<AdapterHubAdapter> {
  const names = await listFolder(folder, 'an adapter folder');
  if (!names.has(configName))
    throw new FileError(folder, configName, 'the file is missing, so this is not an adapter folder');
  if (!names.has(weightsName)) {
    const problem = names.has('pytorch_adapter.bin')
      ? "this adapter has its tensors in PyTorch's pickle format, which can run code when it is loaded and is not read; " +
        'save it again with save_adapter(..., use_safetensors=True) of the library adapters'
      : 'the file is missing, so the adapter has no tensors';
    throw new FileError(folder, weightsName, problem);
  }
  const raw = await readJsonObject(join(folder, configName));
  const { config: settings, name, model_name: model } = raw;
  if (!isJsonObject(settings) || typeof name !== 'string') {
    const field = isJsonObject(settings) ? 'name' : 'config';
    throw new FileError(
      join(folder, configName),
      field,
      "it is missing; every adapter of AdapterHub's has it",
    );
  }
  const { architecture } = settings;
  const tensors: TrainableTensors = new Map();
  for (const [nameInFile, tensor] of await readAllFloat32(join(folder, weightsName)))
    tensors.set(nameInFile.replace(`.adapters.${name}.`, '.'), tensor);
  return {
    folder,
    config: {
      architecture: typeof architecture === 'string' ? architecture : 'bottleneck',
      settings,
      baseModelNameOrPath: typeof model === 'string' ? model : undefined,
      raw,
    },
    tensors,
  };
}

export interface AdapterHubContent {
  /** What becomes `config` of adapter_config.json. */
  readonly settings: Readonly<JsonObject>;
  /** What stands beside it: model_name, model_type and the like. */
  readonly about: Readonly<JsonObject>;
  /** By the names of AdapterHubAdapter. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/**
 * Writes an adapter that `load_adapter(folder, use_safetensors=True)` loads. The folder appears whole or not at all, and
 * replaces an existing one.
 */
export async function writeAdapterHubAdapter(
  folder: string,
  { settings, about, tensors }: AdapterHubContent,
): Promise<void> {
  const content = { ...about, config: settings, name: adapterName, version };
  // AdapterHub takes a scaling that is no Python float for a mistake: 4 must be 4.0.
  const text = JSON.stringify(content, sortKeys, 2).replace(/("scaling": \d+)(?=,?$)/m, '$1.0');
  const stored = new Map(
    [...tensors].map(([name, tensor]) => [
      name.replace(/\.(?=adapter_(?:down|up)\.|scaling$)/, `.adapters.${adapterName}.`),
      tensor,
    ]),
  );
  await writeFolderAtomic(folder, async (temporary) => {
    await writeFileAtomic(join(temporary, configName), text);
    await writeSafetensors(join(temporary, weightsName), stored);
  });
}
