/**
 * @file An adapter's files as AdapterHub's library `adapters` lays them out: adapter_config.json, whose `config`
 *   holds the adapter's settings, and adapter.safetensors. What settings and tensors mean is the methods' business.
 */
import { FileError } from '../errors.js';
import type { TrainableTensors } from '../tensor.js';
import type { AdapterHubContent } from './adapter-content.js';
import type { FilesInPieces } from './adapter-files.js';
import { isJsonObject, type JsonObject, sortKeys } from './json.js';
import { safetensorsChunks } from './safetensors.js';

/** What an adapter that is made here is called in its files; a model of AdapterHub's may hold several by name. */
const ourName = 'promptune';

/** The release whose form is written. Files without one are taken for older, and their `gelu` for another function. */
const ourVersion = 'adapters.1.3.0';

/** Whether a folder of such files with this adapter_config.json is AdapterHub's, and not PEFT's. */
export const isAdapterHub = (names: ReadonlySet<string>, config: Readonly<JsonObject>): boolean =>
  config.peft_type === undefined && (isJsonObject(config.config) || names.has('adapter.safetensors'));

/**
 * @param where the adapter's folder
 * @param inFile its tensors by their names in the file
 * @throws FileError where the configuration lacks what every one has
 */
export function parseAdapterHub(
  where: string,
  config: Readonly<JsonObject>,
  inFile: TrainableTensors,
): AdapterHubContent {
  const { config: settings, name } = config;
  if (!isJsonObject(settings) || typeof name !== 'string') {
    const field = isJsonObject(settings) ? 'name' : 'config';
    throw new FileError(
      `${where}/adapter_config.json`,
      field,
      "it is missing; every adapter of AdapterHub's has it",
    );
  }
  const tensors = new Map(
    [...inFile].map(([nameInFile, tensor]) => [nameInFile.replace(`.adapters.${name}.`, '.'), tensor]),
  );
  return { form: 'adapterhub', where, config: { ...config, config: settings }, tensors };
}

/** The files of an adapter that `load_adapter(folder, use_safetensors=True)` loads. */
export function adapterHubFiles({ config, tensors }: AdapterHubContent): FilesInPieces {
  const whole = typeof config.name === 'string' ? config : { ...config, name: ourName, version: ourVersion };
  // AdapterHub takes a scaling that is no Python float for a mistake: 4 must be 4.0.
  const text = JSON.stringify(whole, sortKeys, 2).replace(/("scaling": \d+)(?=,?$)/m, '$1.0');
  const inFile = new Map(
    [...tensors].map(([own, tensor]) => [
      own.replace(/\.(?=adapter_(?:down|up)\.|scaling$)/, () => `.adapters.${whole.name}.`),
      tensor,
    ]),
  );
  return new Map<string, string | readonly Uint8Array[]>([
    ['adapter_config.json', text],
    ['adapter.safetensors', safetensorsChunks(inFile)],
  ]);
}
