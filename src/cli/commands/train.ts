/** @file `promptune train`: trains an adapter, and shows its progress. */

import { Command, Help, Option } from 'commander';
import { defaultMethod, methodSeparator } from '../../index.js';
import { presetNames, readTrainRequest } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { textHelp } from '../options/arguments.js';
import { piecesOptions } from '../options/distribution-options.js';
import { addOptions, modelOptions } from '../options/model-options.js';
import { ConfigOption } from '../options/schema-flags.js';
import { configFlags, settingsOf } from '../options/train-flags.js';
import { changedInputsOption, planTraining, type RunFlags, runTraining } from './training-run.js';

interface TrainFlags extends RunFlags {
  config?: string;
  preset?: string;
  dryRun?: boolean;
}

/** Options that are not part of a run's configuration, by heading. */
const otherOptions: Readonly<Record<string, readonly Option[]>> = {
  'Model:': [modelOptions().offline],
  'Run:': [
    new Option(
      '--config <file>',
      'a YAML file of settings, which flags override (see --dry-run for its keys)',
    ),
    new Option('--preset <name>', 'a configuration included in the package, with rows to start from')
      .choices(presetNames())
      .conflicts('config'),
    new Option(
      '--auto',
      'first choose learning rate, length and start of the prompt by short runs, where they are not given',
    ).conflicts('resume'),
    new Option('--resume', 'resume the run in --output, with its own configuration unless another is given'),
    changedInputsOption(),
    new Option('--overwrite', 'delete the run in --output first'),
    new Option(
      '--dry-run',
      'check everything, print the whole configuration and a summary of the run, and stop',
    ),
    new Option(
      '--mlflow [address]',
      'also report the curves to an MLflow server (default address: MLFLOW_TRACKING_URI)',
    ),
    ...piecesOptions(),
    new Option('--json', 'print one JSON object per line, for programs'),
  ],
};

export const trainCommand = new Command('train')
  .description('train a soft prompt or another adapter on data')
  .addHelpText('after', (): string => `\n${messages().help.methods(chosenMethods())}${textHelp()()}`)
  .action(runTrain);
for (const [heading, flags] of Object.entries(configFlags))
  addOptions(trainCommand, heading, [...flags, ...(otherOptions[heading] ?? [])]);

trainCommand.configureHelp({
  visibleOptions(command) {
    return Help.prototype.visibleOptions.call(this, command).filter(isOfChosenMethod);
  },
});

/** Methods have many options, so the help only shows those of `--method`. */
function isOfChosenMethod(option: Option): boolean {
  if (!(option instanceof ConfigOption) || option.path[0] !== 'methodOptions') return true;
  if (option.owners.length === 0) return true;
  return chosenMethods().some((name) => option.owners.includes(name));
}

const chosenMethods = () => `${trainCommand.opts().method ?? defaultMethod}`.split(methodSeparator);

async function runTrain({ config, preset, dryRun, ...flags }: TrainFlags): Promise<void> {
  const { resume } = flags;
  const request = await readTrainRequest({ config, preset, resume }, settingsOf(trainCommand));
  if (dryRun) await planTraining(request, flags);
  else await runTraining(request, flags);
}
