/** @file The options of `promptune train` that are keys of a run's configuration. */
import { existsSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { methodSeparator } from '../../attach/compose.js';
import { taskTypes } from '../../attach/head.js';
import { methods } from '../../methods/registry.js';
import { resolveRunConfig } from '../../runs/run-config.js';
import { truncations } from '../../text/encode.js';
import { optimizerSchema, scheduleSchema } from '../../training/config.js';
import { decimalNumber, text, texts, wholeNumber } from './arguments.js';
import { methodFlags } from './method-flags.js';
import { deviceOptions, dtypeOption, modelOptions } from './model-options.js';

export interface ConfigFlag {
  readonly option: Option;
  /** Where its value belongs in the configuration, from the outside in. */
  readonly path: readonly string[];
}

type Parse = (written: string, earlier?: string[]) => unknown;

const defaults: object = resolveRunConfig({ data: '' });

/** @param description ends with the default, where that is not a constant of the configuration */
function flag(
  flags: string,
  description: string,
  path: string,
  parse: Parse = (written) => written,
): ConfigFlag {
  const keys = path.split('.');
  const byDefault = keys.reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], defaults);
  const isKnown = typeof byDefault === 'string' || typeof byDefault === 'number';
  const isShown = isKnown && !description.includes('(default: ');
  const option = new Option(flags, isShown ? `${description} (default: ${byDefault})` : description);
  if (option.required) option.argParser<unknown>((written, earlier) => parse(written, earlier as string[]));
  return { option, path: keys };
}

function choice(flags: string, description: string, path: string, choices: readonly string[]): ConfigFlag {
  const made = flag(flags, `${description}: ${choices.join(', ')}`, path);
  made.option.choices(choices);
  return made;
}

/** Data, the same for training and for `promptune eval`. */
export const exampleFlags = (): ConfigFlag[] => [
  flag(
    '--template <text>',
    'the prompt, with fields in braces, such as "{question}\\n", or in Jinja, "{{ question }}\\n" (default: by the shape of the data)',
    'template',
    text,
  ),
  flag(
    '--completion-template <text>',
    'the completion, such as " {answer}" (default: by the shape of the data)',
    'completionTemplate',
    text,
  ),
  flag(
    '--verbalizer <label=words>',
    'the words of a label, such as "1=great,good", each label with the flag again: the first is learned in its place, or with --task-type a vector that starts from them all',
    'verbalizer',
    labelWords,
  ),
  flag(
    '--max-length <n>',
    "most tokens of an example (default: the model's context, less the virtual tokens)",
    'maxLength',
    wholeNumber,
  ),
  choice(
    '--truncation <rule>',
    'what a longer example loses: the beginning of its prompt, its end, or itself',
    'truncation',
    truncations,
  ),
  choice('--train-on <part>', 'which tokens count in the loss', 'trainOn', ['completion', 'all']),
  flag(
    '--label-field <name>',
    'the field of the label, with a head or a verbalizer, or of the tags of words (default: label, or tags)',
    'labelField',
  ),
  flag(
    '--no-append-eos',
    'the end-of-text token does not belong to the completion (default: it does, and is learned)',
    'appendEos',
  ),
  flag(
    '--chat',
    "records are conversations (a list `messages`, or ShareGPT's) in the model's chat format; what the assistant says is learned",
    'chat',
  ),
];

const methodNames = methods.map(({ name }) => name);
const model = modelOptions();
const device = deviceOptions();

/** All of them by the headings of the help. The name of a choice stands before what belongs to it. */
export const configFlags: Readonly<Record<string, readonly ConfigFlag[]>> = {
  'Model:': [
    { option: model.model, path: ['model'] },
    { option: model.revision, path: ['revision'] },
    { option: dtypeOption(), path: ['dtype'] },
  ],
  'Data:': [
    flag(
      '--data <file>',
      'training data: .jsonl, .json, .csv, .tsv, .txt (also .gz), .parquet, or hf:owner/name; may be given several times',
      'data',
      fileOrFiles,
    ),
    flag(
      '--validation <file|share|n>',
      'validation data: a file, or a share (below 1) or number of the training examples (default: none)',
      'validation',
      fileOrNumber,
    ),
    ...exampleFlags(),
  ],
  'Run:': [
    flag(
      '--output <folder>',
      "the run's folder, which must be new or empty; what is learned goes to its adapter/",
      'output',
    ),
    flag('--tensorboard', "write TensorBoard's event files into the run's folder as well", 'tensorboard'),
  ],
  'Method:': [
    choice('--task-type <type>', 'what to learn it for', 'taskType', taskTypes),
    flag(
      '--labels <name>',
      'the labels of a head in order, each with the flag again (default: those of the data)',
      'labels',
      texts,
    ),
    flag(
      '--method <name>',
      `what to learn: ${methodNames.join(', ')}; several with + between them are learned together`,
      'method',
      methodOrMethods,
    ),
    ...methodFlags(),
  ],
  'Training:': [
    flag(
      '--learning-rate <x>',
      `the schedule's highest (default: ${methods.map(({ name, defaultLearningRate }) => `${defaultLearningRate} for ${name}`).join(', ')}; of several methods the highest, and the others keep their ratio to it)`,
      'learningRate',
      decimalNumber,
    ),
    flag('--batch-size <n>', 'examples in one forward and backward pass', 'batchSize', wholeNumber),
    flag(
      '--gradient-accumulation-steps <n>',
      'batches that make one step',
      'gradientAccumulationSteps',
      wholeNumber,
    ),
    flag('--epochs <n>', 'passes over the data', 'epochs', wholeNumber),
    flag('--max-steps <n>', 'steps in all (default: those of --epochs)', 'maxSteps', wholeNumber),
    choice(
      '--optimizer <name>',
      'the optimizer',
      'optimizer.name',
      optimizerSchema.options.map(({ shape }) => shape.name.value),
    ),
    flag('--weight-decay <x>', "the optimizer's weight decay", 'optimizer.weightDecay', decimalNumber),
    choice(
      '--schedule <name>',
      'how the learning rate falls after the warm-up',
      'schedule.name',
      scheduleSchema.shape.name.unwrap().options,
    ),
    flag(
      '--warmup-steps <n>',
      'steps over which the learning rate rises from 0 (default: those of --warmup-ratio)',
      'schedule.warmupSteps',
      wholeNumber,
    ),
    flag('--warmup-ratio <x>', 'the same as a share of all steps', 'schedule.warmupRatio', decimalNumber),
    flag(
      '--max-grad-norm <x>',
      'gradients are scaled down to this norm; 0: never',
      'maxGradNorm',
      decimalNumber,
    ),
    flag('--eval-every <n>', "steps between validations (default: an epoch's)", 'evalEvery', wholeNumber),
    flag('--save-every <n>', "steps between checkpoints (default: an epoch's)", 'saveEvery', wholeNumber),
    flag(
      '--early-stopping-patience <n>',
      'stop after so many validations without a better one (default: never)',
      'earlyStoppingPatience',
      wholeNumber,
    ),
    flag('--seed <n>', 'fixes the order of the data and random starts', 'seed', wholeNumber),
  ],
  'Device:': [
    { option: device.device, path: ['device'] },
    { option: device.threads, path: ['threads'] },
  ],
};

/** One label's words, added to those of earlier labels. */
export function labelWords(written: string, earlier?: unknown): Record<string, string[]> {
  const at = written.indexOf('=');
  const words = text(written.slice(at + 1)).split(',');
  if (at < 1 || words.some((word) => word.trim() === ''))
    throw new InvalidArgumentError('Expected a label and its words, such as 1=great,good.');
  return { ...(earlier as Record<string, string[]> | undefined), [written.slice(0, at)]: words };
}

function methodOrMethods(written: string): string {
  if (written.split(methodSeparator).every((name) => methodNames.includes(name))) return written;
  throw new InvalidArgumentError(`Allowed choices are ${methodNames.join(', ')}.`);
}

/** For data files, of which there may be several. */
export function fileOrFiles(written: string, earlier?: readonly string[] | string): string | string[] {
  return earlier === undefined ? written : [...[earlier].flat(), written];
}

/** A number where there is no file of that name. */
export function fileOrNumber(written: string): string | number {
  return existsSync(written) || Number.isNaN(Number(written)) ? written : Number(written);
}
