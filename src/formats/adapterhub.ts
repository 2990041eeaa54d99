/**
 * @file The adapter format of AdapterHub's `adapters` library: adapter_config.json, whose `config` holds the adapter's
 *   settings, and adapter.safetensors. Methods interpret the settings and tensors.
 */
import { FileError } from '../errors.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import type { AdapterHubContent } from './adapter-content.js';
import type { FilesInPieces } from './adapter-files.js';
import { isJsonObject, type JsonObject, sortKeys } from './json.js';
import { safetensorsChunks } from './safetensors.js';

/** The adapter's name in files written here. A model in `adapters` may hold several adapters by name. */
const ourName = 'promptune';

/** The release whose format is written. Without it, `adapters` assumes an older one with a different `gelu`. */
const ourVersion = 'adapters.1.3.0';

/** Whether a folder with these files and this adapter_config.json is AdapterHub's rather than PEFT's. */
export const isAdapterHub = (names: ReadonlySet<string>, config: Readonly<JsonObject>): boolean =>
  config.peft_type === undefined && (isJsonObject(config.config) || names.has('adapter.safetensors'));

/**
 * @param where the adapter's folder
 * @param inFile tensors by their names in the file
 * @throws FileError if the configuration lacks a required key
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
      say`it is missing; every AdapterHub adapter has it`,
    );
  }
  const tensors = new Map(
    [...inFile].map(([nameInFile, tensor]) => [nameInFile.replace(`.adapters.${name}.`, '.'), tensor]),
  );
  return { form: 'adapterhub', where, config: { ...config, config: settings }, tensors };
}

/** The files of an adapter, for `load_adapter(folder, use_safetensors=True)`. */
export function adapterHubFiles({ config, tensors }: AdapterHubContent): FilesInPieces {
  const whole = typeof config.name === 'string' ? config : { ...config, name: ourName, version: ourVersion };
  // AdapterHub rejects a scaling that is not a Python float: 4 must be written as 4.0.
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
