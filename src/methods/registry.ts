/** @file All methods by name. Adding one here puts it into training, loading, the command line and the tests. */
import { FileError, UsageError } from '../errors.js';
import { readPeftAdapter } from '../formats/peft.js';
import type { CausalLM } from '../models/model.js';
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
  headAlone,
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
 * Reads an adapter folder (PEFT's form) for a model.
 * @throws FileError where the files are broken, of a kind not known here, or made for another model
 */
export async function loadAdapter(folder: string, model: CausalLM): Promise<Adapter> {
  const { files, head } = splitHead(await readPeftAdapter(folder), model);
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
