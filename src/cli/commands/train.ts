/** @file `promptune train`: learns a prompt, and shows how it goes. */
import { Command, Help, Option } from 'commander';
import { defaultMethod, methodSeparator } from '../../index.js';
import { presetNames, readTrainRequest } from '../../workspace/index.js';
import { textHelp } from '../options/arguments.js';
import { addOptions, modelOptions } from '../options/model-options.js';
import { ConfigOption } from '../options/schema-flags.js';
import { configFlags, settingsOf } from '../options/train-flags.js';
import { planTraining, type RunFlags, runTraining } from './training-run.js';

interface TrainFlags extends RunFlags {
  config?: string;
  preset?: string;
  dryRun?: boolean;
}

/** Options that are no part of a run's configuration, under the headings of those that are. */
const otherOptions: Readonly<Record<string, readonly Option[]>> = {
  'Model:': [modelOptions().offline],
  'Run:': [
    new Option(
      '--config <file>',
      'a YAML file with such settings; flags override it (see --dry-run for its keys)',
    ),
    new Option('--preset <name>', 'a configuration that comes with the package, with rows to begin with')
      .choices(presetNames())
      .conflicts('config'),
    new Option(
      '--resume',
      'go on with the run in --output, by its own configuration where no other is given',
    ),
    new Option('--overwrite', 'throw away the run in --output'),
    new Option(
      '--dry-run',
      'check everything, print the whole configuration and what the run would take, and stop',
    ),
    new Option('--json', 'print one JSON object per line, for programs'),
  ],
};

export const trainCommand = new Command('train')
  .description('learn a soft prompt (or another adapter) from data')
  .addHelpText('after', () => `\n${methodHelp()}${textHelp}`)
  .action(runTrain);
for (const [heading, flags] of Object.entries(configFlags))
  addOptions(trainCommand, heading, [...flags, ...(otherOptions[heading] ?? [])]);

trainCommand.configureHelp({
  visibleOptions(command) {
    return Help.prototype.visibleOptions.call(this, command).filter(isOfChosenMethod);
  },
});

/** Methods have many options, so the help shows those of the method that `--method` names. */
function isOfChosenMethod(option: Option): boolean {
  if (!(option instanceof ConfigOption) || option.path[0] !== 'methodOptions') return true;
  if (option.owners.length === 0) return true;
  return chosenMethods().some((name) => option.owners.includes(name));
}

const chosenMethods = () => `${trainCommand.opts().method ?? defaultMethod}`.split(methodSeparator);

function methodHelp(): string {
  const others = 'promptune train --method NAME --help shows those of another method.';
  return `The options of ${chosenMethods().join(' and ')} are listed; ${others}`;
}

async function runTrain({ config, preset, dryRun, ...flags }: TrainFlags): Promise<void> {
  const { resume } = flags;
  const request = await readTrainRequest({ config, preset, resume }, settingsOf(trainCommand));
  if (dryRun) await planTraining(request, flags);
  else await runTraining(request, flags);
}
