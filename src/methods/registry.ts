/** @file All methods by name. Adding one here puts it into training, loading, the command line and the tests. */
import { FileError, UsageError } from '../errors.js';
import { isAdapterHub, readAdapterFiles } from '../formats/adapter.js';
import type { CausalLM } from '../models/model.js';
import { bottleneckAdapter } from './bottleneck.js';
import { cartridge } from './cartridge.js';
import { fullFineTuning } from './full-fine-tuning.js';
import { ia3 } from './ia3.js';
import { instancePrompt } from './instance-prompt.js';
import { lora } from './lora.js';
import type { Adapter, Method } from './method.js';
import { multitaskPromptTuning } from './multitask-prompt-tuning.js';
import { pTuning } from './p-tuning.js';
import { placeAsSaved } from './placed-prompt.js';
import { prefixTuning } from './prefix-tuning.js';
import { promptPool } from './prompt-pool.js';
import { promptTuning } from './prompt-tuning.js';

export const methods: readonly Method[] = [
  promptTuning,
  pTuning,
  prefixTuning,
  cartridge,
  multitaskPromptTuning,
  instancePrompt,
  promptPool,
  lora,
  ia3,
  bottleneckAdapter,
  fullFineTuning,
];

/** @throws UsageError that names the methods there are */
export function methodNamed(name: string): Method {
  const method = methods.find((candidate) => candidate.name === name);
  if (method) return method;
  throw new UsageError(
    `method "${name}" is unknown; choose one of ${methods.map((known) => known.name).join(', ')}`,
  );
}

/**
 * Reads an adapter folder (PEFT's form, or AdapterHub's) for a model.
 * @throws FileError where the files are broken, of a kind not known here, or made for another model
 */
export async function loadAdapter(folder: string, model: CausalLM): Promise<Adapter> {
  const files = await readAdapterFiles(folder);
  if (isAdapterHub(files)) {
    const { architecture } = files.config;
    const method = methods.find(({ adapterHubArchitecture }) => adapterHubArchitecture === architecture);
    if (method?.loadAdapterHub) return method.loadAdapterHub(files, model);
    const readable = methods.flatMap(({ adapterHubArchitecture }) => adapterHubArchitecture ?? []);
    throw new FileError(
      folder,
      'config.architecture',
      `AdapterHub's adapters of type ${architecture} cannot be read here, only ${readable.join(', ')}`,
    );
  }
  const method = methods.find(({ peftType }) => peftType === files.config.peftType);
  if (method?.load) return placeAsSaved(method.load(files, model), folder);
  const readable = methods.flatMap(({ peftType }) => peftType ?? []).join(', ');
  throw new FileError(
    folder,
    'peft_type',
    `adapters of type ${files.config.peftType} cannot be read here, only ${readable}`,
  );
}
