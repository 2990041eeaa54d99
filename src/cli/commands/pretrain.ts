/** @file `promptune pretrain`: trains a GPT-2 of any size from scratch. */
import { Command, Option } from 'commander';
import { UsageError } from '../../index.js';
import { say } from '../../say.js';
import {
  newModelFolder,
  newModelSchema,
  pretrainingDefaults,
  readTrainRequest,
} from '../../workspace/index.js';
import { textHelp } from '../options/arguments.js';
import { addOptions } from '../options/model-options.js';
import { type ConfigOption, flagsOf } from '../options/schema-flags.js';
import { configFlags, settingsOf } from '../options/train-flags.js';
import { changedInputsOption, type RunFlags, runTraining } from './training-run.js';

const newModelFlags = flagsOf(newModelSchema, { path: ['newModel'] });

export const pretrainCommand = new Command('pretrain')
  .description('train your own GPT-2 from scratch: a tokenizer and all weights from texts')
  .addHelpText('after', textHelp())
  .action(runPretrain);
addOptions(pretrainCommand, 'Model:', newModelFlags);
addFlags('Data:', [
  'data',
  'validation',
  'encoding',
  'columns',
  'header',
  'template',
  'completionTemplate',
  'maxLength',
]);
addFlags('Run:', ['output']);
addFlags('Method:', ['methodOptions.saveDtype'], 'Run:');
addOptions(pretrainCommand, 'Run:', [
  new Option('--resume', 'resume the run in --output'),
  changedInputsOption(),
  new Option('--overwrite', 'delete the run in --output first'),
  new Option('--json', 'print one JSON object per line, for programs'),
]);
addFlags('Training:');
addFlags('Device:');

/** Adds flags of `promptune train` under a heading, or only those of some keys under another heading. */
function addFlags(heading: string, keys?: readonly string[], under = heading): void {
  const chosen = configFlags[heading]!.filter(({ path }) => !keys || keys.includes(path.join('.')));
  addOptions(pretrainCommand, under, chosen.map(asInPretraining));
}

/** A flag of `promptune train` with the help for pretraining: its own default, and no list of methods. */
function asInPretraining(flag: ConfigOption): ConfigOption {
  const value = flag.path.reduce<unknown>(
    (settings, key) => (settings as Readonly<Record<string, unknown>> | undefined)?.[key],
    { ...pretrainingDefaults, maxLength: 'the length that --max-positions sets' },
  );
  const own = flag.description.replace(/ \[[^\]]*\]$/, '');
  const description = value === undefined ? own : own.replace(/ \(default: [^)]*\)/, ` (default: ${value})`);
  return Object.assign(Object.create(Object.getPrototypeOf(flag)) as ConfigOption, flag, { description });
}

async function runPretrain(flags: RunFlags): Promise<void> {
  const { resume } = flags;
  const [ofModel, ofRun] = [true, false].map((isOfModel) =>
    settingsOf(pretrainCommand).filter(({ path }) => (path[0] === 'newModel') === isOfModel),
  );
  const request = await readTrainRequest({ resume, defaults: pretrainingDefaults }, ofRun);
  if (resume) return runTraining(request, flags);
  if (!request.output)
    throw new UsageError(say`there is no folder for the run; add one, such as --output runs/first`);
  const newModel = Object.fromEntries(ofModel!.map(({ path, value }) => [path[1], value]));
  await runTraining({ ...request, model: newModelFolder(request.output) }, flags, newModel);
}
