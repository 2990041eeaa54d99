/** @file Which methods suit a model with an encoder (T5), and what is said of the others. */
import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';

/** A method that is not here is refused until somebody has made sure of what it means to two stacks of layers. */
const suited: ReadonlySet<string> = new Set([
  'prompt-tuning',
  'p-tuning',
  'prefix-tuning',
  'multitask-prompt-tuning',
  'instance-prompt',
  'prompt-pool',
  'lora',
  'ia3',
  'bottleneck-adapter',
  'full-fine-tuning',
]);

const reasons: Readonly<Record<string, string>> = {
  cartridge: 'a cartridge is what a text leaves in a decoder, and here the encoder reads the texts',
  'head-alone': 'heads that label texts stand on one stack of layers',
};

/** Throws a UsageError for a method that cannot be used with `model`. */
export function requireSuited(method: string, { name, config, encoder }: LanguageModel): void {
  if (!encoder || suited.has(method)) return;
  const reason = reasons[method] ?? 'it was made for one stack of layers';
  throw new UsageError(
    `${method} does not suit ${name}, a ${config.modelType} model with an encoder: ${reason}; ` +
      `methods that do are ${[...suited].join(', ')}`,
  );
}
