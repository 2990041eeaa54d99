/** @file Options of `promptune train` that are keys of a run's configuration. */
import { type Command, InvalidArgumentError } from 'commander';
import {
  type DataConfig,
  dataSchema,
  methodSeparator,
  methods,
  optimizerSchema,
  scheduleSchema,
} from '../../index.js';
import { say } from '../../say.js';
import { type Setting, trainRequestSchema } from '../../workspace/index.js';
import { ConfigOption, flagsOf, flagsOfChoice } from './schema-flags.js';

/** Options of data, shared by training, evaluation and search. Each call creates new options. */
export const exampleFlags = (path: readonly string[] = []): ConfigOption[] => flagsOf(dataSchema, { path });

/** Options of how files are read. Each call creates new options. */
export const fileFlags = (): ConfigOption[] =>
  flagsOf(dataSchema, { only: ['encoding', 'columns', 'header'] });

/** The flags' options of how data is read. */
export function readingOf(flags: Readonly<Record<string, unknown>>): Partial<DataConfig> {
  const given = Object.keys(dataSchema.shape).filter((name) => flags[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, flags[name]]));
}

const run = (...only: string[]) => flagsOf(trainRequestSchema, { only });

const methodNames: readonly string[] = methods.map(({ name }) => name);

/** Takes one or several methods. */
function methodFlag(): ConfigOption {
  const [flag] = run('method') as [ConfigOption];
  flag.argParser((written: string) => {
    if (written.split(methodSeparator).every((name) => methodNames.includes(name))) return written;
    if (written.toLowerCase() === 'qlora') throw new InvalidArgumentError(say`It is lora with --dtype q4.`);
    throw new InvalidArgumentError(`Allowed choices are ${methodNames.join(', ')}.`);
  });
  return flag;
}

/** A flag of a choice, such as `--optimizer`, which sets the part's `name`. */
function nameFlag(part: string, description: string, choices: readonly string[], byDefault: string) {
  const help = `${description}: ${choices.join(', ')} (default: ${byDefault})`;
  return new ConfigOption(`--${part} <name>`, help, [part, 'name']).choices(choices);
}

const optimizers = optimizerSchema.options.map((schema) => ({ name: schema.shape.name.value, schema }));
const schedule = scheduleSchema.shape.name;

/** All flags by heading of the help. The name of a choice comes before its options. */
export const configFlags: Readonly<Record<string, readonly ConfigOption[]>> = {
  'Model:': run('model', 'revision', 'dtype'),
  'Data:': [...run('data', 'validation'), ...exampleFlags()],
  'Run:': run('output', 'tensorboard', 'samplePrompts', 'sampleEvery', 'traceEvery'),
  'Method:': [
    ...run('taskType', 'labels'),
    methodFlag(),
    ...flagsOfChoice(methods, { path: ['methodOptions'] }),
  ],
  'Training:': [
    ...run('loss', 'beta', 'learningRate', 'batchSize', 'gradientAccumulationSteps', 'epochs', 'maxSteps'),
    nameFlag(
      'optimizer',
      'the optimizer',
      optimizers.map(({ name }) => name),
      optimizers[0]!.name,
    ),
    ...flagsOfChoice(optimizers, { path: ['optimizer'] }),
    nameFlag('schedule', schedule.description!, schedule.unwrap().options, schedule.def.defaultValue),
    ...flagsOf(scheduleSchema, { path: ['schedule'], only: ['warmupSteps', 'warmupRatio'] }),
    ...run('maxGradNorm', 'evalEvery', 'saveEvery', 'earlyStoppingPatience', 'seed'),
    ...run('lowMemory', 'keptStates', 'keptStatesLimit'),
  ],
  'Device:': run('device', 'threads'),
};

/** The values of the flags on the command line. */
export function settingsOf(command: Command): Setting[] {
  const given = command.options.filter(
    (option): option is ConfigOption =>
      option instanceof ConfigOption && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  return given.map((option) => ({
    path: option.path,
    value: command.getOptionValue(option.attributeName()),
  }));
}
