/** @file The options of `promptune train`: each flag with the key of the run's configuration that it sets. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { parseDocument } from 'yaml';
import { truncations } from '../data/encode.js';
import { nearestName } from '../data/nearest.js';
import { FileError, UsageError } from '../errors.js';
import { methodNamed, methods } from '../methods/registry.js';
import { type RunConfig, runSchema } from '../training/train-adapter.js';
import { collect, decimalNumber, wholeNumber } from './options.js';

interface Flag {
  readonly option: Option;
  /** Where its value belongs in the configuration; the last key for one that sets two levels. */
  readonly path: readonly string[];
}

const flag = (
  flags: string,
  description: string,
  path: string,
  parse?: (text: string, earlier: string[] | undefined) => unknown,
): Flag => {
  const option = new Option(flags, description);
  if (parse) option.argParser<unknown>((text, earlier) => parse(text, earlier as string[] | undefined));
  return { option, path: path.split('.') };
};
const choice = (flags: string, description: string, path: string, choices: readonly string[]): Flag => ({
  option: new Option(flags, description).choices(choices),
  path: path.split('.'),
});

const flags: readonly Flag[] = [
  flag('--data <file>', 'training data: .jsonl, .csv, .tsv or .txt', 'data'),
  flag(
    '--validation <file|share|n>',
    'validation data: a file, or a share or number of the training examples',
    'validation',
    fileOrNumber,
  ),
  flag('--template <text>', 'the prompt with fields in braces, such as "{mr} ->"', 'template'),
  flag(
    '--completion-template <text>',
    'the completion in the same way, such as " {ref}"',
    'completionTemplate',
  ),
  flag(
    '--max-length <n>',
    "most tokens of an example (default: the model's context)",
    'maxLength',
    wholeNumber,
  ),
  choice(
    '--truncation <rule>',
    'what is cut from longer examples (default: prompt)',
    'truncation',
    truncations,
  ),
  choice('--train-on <part>', 'which tokens count in the loss (default: completion)', 'trainOn', [
    'completion',
    'all',
  ]),
  flag('--no-append-eos', 'do not teach the model to end its completions', 'appendEos'),

  choice(
    '--method <name>',
    'what to learn (default: prompt-tuning)',
    'method',
    methods.map(({ name }) => name),
  ),
  flag(
    '--num-virtual-tokens <n>',
    "length of the soft prompt (default: the text's, or 20)",
    'methodOptions.numVirtualTokens',
    wholeNumber,
  ),
  flag('--init <kind>', 'random, sample-vocab, text, labels or adapter', 'methodOptions.init'),
  flag('--init-text <text>', 'start from the embeddings of a text', 'methodOptions.initText'),
  flag(
    '--init-label <name>',
    "start from the classes' names; give it once a class",
    'methodOptions.initLabels',
    collect,
  ),
  flag('--init-adapter <folder>', 'go on from an earlier prompt', 'methodOptions.initAdapter'),
  flag(
    '--projected',
    'learn W_p in p = W_p x, from the identity, for the embeddings x of --init-text',
    'methodOptions.projected',
  ),

  flag('--learning-rate <x>', "peak learning rate (default: the method's)", 'learningRate', decimalNumber),
  flag('--batch-size <n>', 'examples in one forward and backward (default: 8)', 'batchSize', wholeNumber),
  flag(
    '--gradient-accumulation-steps <n>',
    'batches that make one step (default: 1)',
    'gradientAccumulationSteps',
    wholeNumber,
  ),
  flag('--epochs <n>', 'passes over the data (default: 3)', 'epochs', wholeNumber),
  flag('--max-steps <n>', 'steps in all, instead of epochs', 'maxSteps', wholeNumber),
  choice('--optimizer <name>', 'adamw, sgd or adafactor (default: adamw)', 'optimizer.name', [
    'adamw',
    'sgd',
    'adafactor',
  ]),
  flag('--weight-decay <x>', "the optimizer's weight decay", 'optimizer.weightDecay', decimalNumber),
  choice('--schedule <name>', 'constant, linear or cosine (default: linear)', 'schedule.name', [
    'constant',
    'linear',
    'cosine',
  ]),
  flag('--warmup-steps <n>', 'steps over which the learning rate rises', 'schedule.warmupSteps', wholeNumber),
  flag('--warmup-ratio <x>', 'the same as a share of all steps', 'schedule.warmupRatio', decimalNumber),
  flag(
    '--max-grad-norm <x>',
    'largest gradient norm; 0 for no limit (default: 1)',
    'maxGradNorm',
    decimalNumber,
  ),
  flag('--eval-every <n>', 'steps between validations (default: an epoch)', 'evalEvery', wholeNumber),
  flag('--save-every <n>', 'steps between checkpoints (default: an epoch)', 'saveEvery', wholeNumber),
  flag(
    '--early-stopping-patience <n>',
    'stop after so many validations without a better one',
    'earlyStoppingPatience',
    wholeNumber,
  ),
  flag('--seed <n>', 'fixes the order of the data and random starts (default: 42)', 'seed', wholeNumber),
];

function fileOrNumber(text: string): string | number {
  return existsSync(text) || Number.isNaN(Number(text)) ? text : Number(text);
}

export function addTrainOptions(command: Command): void {
  for (const { option } of flags) command.addOption(option);
}

/** Keys of a configuration file beside those of a run. */
const outerKeys = ['model', 'revision', 'output'] as const;
export type FileConfig = Partial<Record<(typeof outerKeys)[number], string>> & Partial<RunConfig>;

/**
 * The configuration that a file and the flags make together; a flag overrides the file.
 * @param values the flags' values as commander gives them
 */
export function mergeConfig(
  file: FileConfig,
  values: Readonly<Record<string, unknown>>,
  given: (name: string) => boolean,
): FileConfig {
  const config = structuredClone(file) as Record<string, unknown>;
  for (const { option, path } of flags) {
    if (!given(option.attributeName())) continue;
    const key = path.at(-1)!;
    let target = config;
    for (const outer of path.slice(0, -1)) {
      const inner = target[outer];
      target[outer] = typeof inner === 'string' ? { name: inner } : { ...(inner as object | undefined) };
      target = target[outer] as Record<string, unknown>;
    }
    target[key] = values[option.attributeName()];
  }
  // An optimizer's other options without a name are AdamW's, the default.
  const { optimizer } = config;
  if (typeof optimizer === 'object' && optimizer && !('name' in optimizer))
    config.optimizer = { name: 'adamw', ...optimizer };
  return config;
}

/** Reads a configuration file. Throws a FileError that names the line, or the key and the nearest right one. */
export async function readConfigFile(path: string): Promise<FileConfig> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new FileError(path, undefined, 'the configuration file cannot be read', { cause: error });
  });
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem)
    throw new FileError(path, `line ${problem.linePos?.[0].line ?? '?'}`, problem.message.split('\n')[0]!);
  const config: unknown = document.toJS() ?? {};
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new FileError(path, undefined, 'expected keys with values');
  checkKeys(path, config, [...outerKeys, ...Object.keys(runSchema.shape)]);
  const { method = 'prompt-tuning', methodOptions } = config as FileConfig;
  const schema = methodNamed(method).schema;
  if (methodOptions && 'shape' in schema)
    checkKeys(`${path} (methodOptions)`, methodOptions, Object.keys(schema.shape as object));
  return config as FileConfig;
}

function checkKeys(place: string, config: object, known: readonly string[]): void {
  for (const key of Object.keys(config)) {
    if (known.includes(key)) continue;
    const nearest = nearestName(key, known);
    throw new UsageError(
      `${place}: the key "${key}" is unknown${nearest ? `; did you mean "${nearest}"?` : ''} Known are ${known.join(', ')}.`,
    );
  }
}

/** What a run that is to be resumed was asked to do. */
export function readRunConfig(output: string): Promise<FileConfig> {
  return readConfigFile(join(output, 'config.yaml'));
}
