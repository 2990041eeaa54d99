/** @file All methods by name. Adding one here puts it into training, loading, the command line and the tests. */
import { FileError, UsageError } from '../errors.js';
import { readComposition } from '../formats/composition.js';
import { readPeftAdapter } from '../formats/peft.js';
import type { CausalLM } from '../models/model.js';
import { combineMethods } from './combined-method.js';
import { composeAdapters, methodSeparator } from './compose.js';
import { fullFineTuning } from './full-fine-tuning.js';
import { ia3 } from './ia3.js';
import { instancePrompt } from './instance-prompt.js';
import { lora } from './lora.js';
import type { Adapter, Method } from './method.js';
import { multitaskPromptTuning } from './multitask-prompt-tuning.js';
import { pTuning } from './p-tuning.js';
import { prefixTuning } from './prefix-tuning.js';
import { promptTuning } from './prompt-tuning.js';

export const methods: readonly Method[] = [
  promptTuning,
  pTuning,
  prefixTuning,
  multitaskPromptTuning,
  instancePrompt,
  lora,
  ia3,
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
 * Reads an adapter folder (PEFT's form, or several of them as one run or `composeAdapters` had them) for a model.
 * @throws FileError where the files are broken, of a kind not known here, or made for another model
 */
export async function loadAdapter(folder: string, model: CausalLM): Promise<Adapter> {
  const parts = await readComposition(folder);
  if (parts) {
    const adapters: Adapter[] = [];
    for (const part of parts) adapters.push(await loadAdapter(part.folder, model));
    return composeAdapters(adapters);
  }
  const files = await readPeftAdapter(folder);
  const method = methods.find(({ peftType }) => peftType === files.config.peftType);
  if (method?.load) return method.load(files, model);
  const readable = methods.flatMap(({ peftType }) => peftType ?? []).join(', ');
  throw new FileError(
    folder,
    'peft_type',
    `adapters of type ${files.config.peftType} cannot be read here, only ${readable}`,
  );
}
