/** @file Flags of other libraries and of other commands, and their equivalents. */
import type { Command } from 'commander';
import { methodSeparator } from '../../index.js';
import { nearestName } from '../../workspace/index.js';

/** Names of transformers, PEFT, LLaMA-Factory, llama.cpp and OpenAI. */
const names: Readonly<Record<string, string>> = {
  '--lr': '--learning-rate',
  '--num-epochs': '--epochs',
  '--num-train-epochs': '--epochs',
  '--steps': '--max-steps',
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

/** Arguments of some commands, by the flags that others have for the same. */
const inArguments: Readonly<Record<string, readonly string[]>> = {
  '--data': ['file'],
  '--config': ['files'],
  '--adapter': ['adapter'],
  '--folder': ['folders'],
};

/** Flags of what people give as an argument elsewhere. */
const asFlags = ['--adapter', '--data', '--prompt', '--text'];

/** Adds what was probably meant to commander's message: the equivalent of an unknown flag, or one of the choices. */
export function withMeant(message: string, command: Command): string {
  return withChoice(message) ?? withFlags(message, command) ?? withFlagOf(message, command);
}

/** The message about an argument of a command that has flags alone. */
function withFlags(message: string, command: Command): string | undefined {
  if (!/^error: too many arguments .* Expected 0 /.test(message)) return undefined;
  const own = asFlags.filter((flag) => command.options.some(({ long }) => long === flag));
  return own.length === 0 ? undefined : `${message.trimEnd()}\n(Put a flag before it: ${own.join(', ')}.)\n`;
}

/** The message about a value that is none of the choices, or several joined by +. */
function withChoice(message: string): string | undefined {
  const [, value = '', choices] =
    /^error: .* '([^']*)' is invalid\. Allowed choices are (.*)\.\n?$/.exec(message) ?? [];
  if (choices === undefined) return undefined;
  const known = choices.split(', ');
  const parts = value
    .split(methodSeparator)
    .map((part) => (known.includes(part) ? part : nearestName(part, known)));
  if (parts.includes(undefined)) return undefined;
  return `${message.trimEnd()}\n(Did you mean ${parts.join(methodSeparator)}?)\n`;
}

function withFlagOf(message: string, command: Command): string {
  const [, flag] = /^error: unknown option '(--[\w-]+)/.exec(message) ?? [];
  const isArgument = command.registeredArguments.some((argument) =>
    inArguments[flag ?? '']?.includes(argument.name()),
  );
  if (isArgument) return `error: unknown option '${flag}'\n(Leave out ${flag}: its value is an argument.)\n`;
  const own = flag === undefined ? undefined : names[flag.replaceAll('_', '-')];
  if (own === undefined) return message;
  return `error: unknown option '${flag}'\n(Did you mean ${own}?)\n`;
}
