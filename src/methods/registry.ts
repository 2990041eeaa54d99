/** @file All methods by name. Adding one here puts it into training, loading, the command line and the tests. */
import { FileError, UsageError } from '../errors.js';
import { isAdapterHub, readAdapterFiles } from '../formats/adapter.js';
import { readComposition } from '../formats/composition.js';
import type { CausalLM } from '../models/model.js';
import { bottleneckAdapter } from './bottleneck.js';
import { cartridge } from './cartridge.js';
import { combineMethods } from './combined-method.js';
import { composeAdapters, methodSeparator } from './compose.js';
import { cpt } from './cpt.js';
import { fullFineTuning } from './full-fine-tuning.js';
import { withHead } from './head.js';
import { headAlone } from './head-alone.js';
import { splitHead } from './head-files.js';
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
  cpt,
  multitaskPromptTuning,
  instancePrompt,
  promptPool,
  lora,
  ia3,
  bottleneckAdapter,
  headAlone,
  fullFineTuning,
];

/**
 * A method, or several to be trained together, joined by "+".
 * @throws UsageError that names the methods there are, or says why those cannot be trained together
 */
export function methodNamed(name: string): Method {
  if (name.includes(methodSeparator)) return combineMethods(name.split(methodSeparator).map(methodNamed));
  const method = methods.find((candidate) => candidate.name === name);
  if (method) return method;
  throw new UsageError(
    `method "${name}" is unknown; choose one of ${methods.map((known) => known.name).join(', ')}`,
  );
}

/**
 * Reads an adapter folder (PEFT's form, AdapterHub's, or several such folders as one run had them) for a model.
 * @throws FileError where the files are broken, of a kind not known here, or made for another model
 */
export async function loadAdapter(folder: string, model: CausalLM): Promise<Adapter> {
  const parts = await readComposition(folder);
  if (!parts) return placeAsSaved(await loadSingle(folder, model), folder);
  const adapters: Adapter[] = [];
  for (const part of parts) adapters.push(await loadAdapter(part.folder, model));
  // A head of several adapters is a part of its own.
  const { head } = adapters.find(({ method }) => method === headAlone.name) ?? {};
  const composed = composeAdapters(adapters.filter(({ method }) => method !== headAlone.name));
  return placeAsSaved(head ? withHead(composed, head) : composed, folder);
}

async function loadSingle(folder: string, model: CausalLM): Promise<Adapter> {
  const read = await readAdapterFiles(folder);
  if (isAdapterHub(read)) {
    const { architecture } = read.config;
    const method = methods.find(({ adapterHubArchitecture }) => adapterHubArchitecture === architecture);
    if (method?.loadAdapterHub) return method.loadAdapterHub(read, model);
    const readable = methods.flatMap(({ adapterHubArchitecture }) => adapterHubArchitecture ?? []);
    throw new FileError(
      folder,
      'config.architecture',
      `AdapterHub's adapters of type ${architecture} cannot be read here, only ${readable.join(', ')}`,
    );
  }
  const { files, head } = splitHead(read, model);
  const method = methods.find(({ peftType }) => peftType === files.config.peftType);
  if (method?.load) {
    const adapter = method.load(files, model);
    return head ? withHead(adapter, head) : adapter;
  }
  const readable = methods.flatMap(({ peftType }) => peftType ?? []).join(', ');
  throw new FileError(
    folder,
    'peft_type',
    `adapters of type ${files.config.peftType} cannot be read here, only ${readable}`,
  );
}
