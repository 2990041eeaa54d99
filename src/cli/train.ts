/** @file `promptune train`: learns a prompt, and shows how it goes. */
import { Command, Option } from 'commander';
import { stringify } from 'yaml';
import { UsageError } from '../errors.js';
import { methodNamed } from '../methods/registry.js';
import type { TrainingEvent } from '../training/events.js';
import { checkRunFolder } from '../training/run-folder.js';
import { prepareRun, type RunInputs, trainAdapter } from '../training/train-adapter.js';
import { textHelp } from './arguments.js';
import { interruptSignal } from './interrupt.js';
import { addOptions, loadModel, type ModelFlags, modelOptions } from './model-options.js';
import { type Counted, counted, progressLine } from './progress-line.js';
import { readTrainRequest, type SourceFlags, type TrainRequest } from './train-config.js';
import { configFlags } from './train-flags.js';
import { summaryLines, trainingReporter } from './training-reporter.js';

interface TrainFlags extends ModelFlags, SourceFlags {
  overwrite?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** Options that are no part of a run's configuration, under the headings of those that are. */
const otherOptions: Readonly<Record<string, readonly Option[]>> = {
  'Model:': [modelOptions().offline],
  'Run:': [
    new Option(
      '--config <file>',
      'a YAML file with such settings; flags override it (see --dry-run for its keys)',
    ),
    new Option(
      '--resume',
      'go on with the run in --output, by its own configuration where no other is given',
    ),
    new Option('--overwrite', 'throw away the run in --output'),
    new Option(
      '--dry-run',
      'check everything, print the whole configuration and what the run would take, and stop',
    ),
    new Option('--json', 'print a JSON object a line, for machines'),
  ],
};

export const trainCommand = new Command('train')
  .description('learn a soft prompt (or another adapter) from data')
  .addHelpText('after', textHelp)
  .action(runTrain);
for (const [heading, flags] of Object.entries(configFlags)) {
  const options = [...flags.map(({ option }) => option), ...(otherOptions[heading] ?? [])];
  addOptions(trainCommand, heading, options);
}

async function runTrain(values: TrainFlags & Record<string, unknown>): Promise<void> {
  const request = await readTrainRequest(values, (name) => trainCommand.getOptionValueSource(name) === 'cli');
  const { config, model: name, output } = request;
  const { json = false, dryRun, resume, overwrite, offline } = values;
  if (!output && !dryRun) throw new UsageError('no folder for the run is given; add --output');

  const reporter = trainingReporter({ json });
  const line = progressLine();
  const signal = interruptSignal(
    () =>
      reporter.note('Stopping. A second Ctrl-C ends at once and loses the steps since the last checkpoint.'),
    () => reporter.close(),
  );
  const pretrained = await loadModel({ model: name, revision: config.revision, offline }, signal);
  const inputs = {
    ...pretrained,
    signal,
    onDataProgress: (progress: Counted) => line.show(counted('Reading the data', progress)),
  };
  try {
    if (dryRun) {
      if (output) await checkRunFolder(output, { resume, overwrite });
      return await printPlan(request, inputs, json);
    }
    const onEvent = (event: TrainingEvent) => {
      line.clear();
      reporter.event(event);
    };
    const result = await trainAdapter({ ...config, ...inputs, output: output!, resume, overwrite, onEvent });
    reporter.end(result, { model: name!, method: config.method, output: output! });
    if (result.stopped) process.exitCode = 130;
  } finally {
    line.clear();
    reporter.close();
  }
}

/** What a run would do: its configuration with nothing left out, and what is known of it before its first step. */
async function printPlan({ config, output }: TrainRequest, inputs: RunInputs, json: boolean): Promise<void> {
  const run = await prepareRun(config, inputs);
  await run.dispose();
  const { model, ...summary } = run.summary;
  const whole = {
    model,
    output,
    ...config,
    methodOptions: methodNamed(config.method).schema.parse(config.methodOptions),
    maxLength: run.maxLength,
  };
  if (json) return console.log(JSON.stringify({ ...whole, ...summary }));
  const comments = summaryLines(run.summary).map((text) => `# ${text}\n`);
  process.stdout.write(`${stringify(whole)}${comments.join('')}`);
}
