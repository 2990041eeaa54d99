/** @file Flags of other libraries and their equivalents. */

/** Names of transformers, PEFT, LLaMA-Factory, llama.cpp and OpenAI. */
const names: Readonly<Record<string, string>> = {
  '--lr': '--learning-rate',
  '--num-epochs': '--epochs',
  '--num-train-epochs': '--epochs',
  '--train-batch-size': '--batch-size',
  '--per-device-train-batch-size': '--batch-size',
  '--model-name-or-path': '--model',
  '--base-model': '--model',
  '--peft-type': '--method',
  '--output-dir': '--output',
  '--dataset': '--data',
  '--train-file': '--data',
  '--validation-file': '--validation',
  '--max-seq-length': '--max-length',
  '--cutoff-len': '--max-length',
  '--lora-r': '--r',
  '--lora-rank': '--r',
  '--rank': '--r',
  '--lora-target': '--target-modules',
  '--save-steps': '--save-every',
  '--eval-steps': '--eval-every',
  '--lr-scheduler-type': '--schedule',
  '--resume-from-checkpoint': '--resume',
  '--max-tokens': '--max-new-tokens',
  '--n-predict': '--max-new-tokens',
  '--temp': '--temperature',
  '--lora': '--adapter',
};

/** Adds the equivalent of an unknown flag to commander's message, if there is one. */
export function withFlagOf(message: string): string {
  const [, flag] = /^error: unknown option '(--[\w-]+)/.exec(message) ?? [];
  const own = flag === undefined ? undefined : names[flag.replaceAll('_', '-')];
  if (own === undefined) return message;
  return `error: unknown option '${flag}'\n(Did you mean ${own}?)\n`;
}
