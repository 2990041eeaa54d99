/** @file `promptune train`: learns a prompt, and shows how it goes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { UsageError } from '../errors.js';
import { estimateMemory } from '../training/estimate-memory.js';
import { createLearner, type RunConfig, resolveRunConfig, trainAdapter } from '../training/train-adapter.js';
import { formatBytes } from './format.js';
import { interruptSignal, loadModel, type ModelFlags, withModelOptions } from './options.js';
import { addTrainOptions, mergeConfig, readConfigFile, readRunConfig } from './train-options.js';
import { trainingReporter } from './training-reporter.js';

interface TrainFlags extends ModelFlags {
  config?: string;
  output?: string;
  resume?: boolean;
  overwrite?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

export const trainCommand = withModelOptions(new Command('train'))
  .description('learn a soft prompt (or another adapter) from data')
  .option('--output <folder>', "the run's folder; the adapter goes to <folder>/adapter")
  .option('--config <file>', 'a YAML file with these options; flags override it')
  .option('--resume', 'go on with the run in --output, with its own configuration unless others are given')
  .option('--overwrite', 'throw away the run in --output')
  .option('--dry-run', 'print the whole configuration and the estimated memory, and stop')
  .option('--json', 'print one JSON object a line')
  .action(runTrain);
addTrainOptions(trainCommand);

async function runTrain(values: TrainFlags & Record<string, unknown>): Promise<void> {
  const given = (name: string) => trainCommand.getOptionValueSource(name) === 'cli';
  const file = values.config
    ? await readConfigFile(values.config)
    : values.resume && values.output && existsSync(join(values.output, 'config.yaml'))
      ? await readRunConfig(values.output)
      : {};
  const { model: fileModel, revision, output: fileOutput, ...fromFile } = mergeConfig(file, values, given);
  const name = values.model ?? fileModel;
  const output = values.output ?? fileOutput;
  if (!name) throw new UsageError('no model is given; add --model with a folder or a name');
  if (!fromFile.data) throw new UsageError('no training data is given; add --data with a file');
  if (!output && !values.dryRun) throw new UsageError('no folder for the run is given; add --output');
  const config: RunConfig = {
    ...fromFile,
    data: fromFile.data,
    ...(values.device && { device: values.device }),
    ...(values.threads && { threads: values.threads }),
  };

  const reporter = trainingReporter({ json: values.json ?? false });
  const signal = interruptSignal(() => reporter.note('Stopping after this step; the run can be resumed.'));
  const resolved = resolveRunConfig(config);
  const { model, tokenizer } = await loadModel(
    name,
    { ...values, revision: values.revision ?? revision },
    signal,
  );
  const learner = await createLearner(model, tokenizer, resolved);
  const trained = [...learner.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (values.dryRun) {
    const estimate = estimateMemory(model, learner, resolved);
    const summary = {
      trainableParameters: trained,
      startsFrom: learner.startsFrom,
      estimatedMemoryBytes: estimate,
    };
    if (values.json) console.log(JSON.stringify({ model: name, output, ...resolved, ...summary }));
    else {
      process.stdout.write(stringify({ model: name, output, ...resolved }));
      console.log(`# trainable parameters: ${trained.toLocaleString('en')}, from ${learner.startsFrom}`);
      console.log(`# estimated memory: ${formatBytes(estimate)} beside the mapped weights`);
    }
    return;
  }
  reporter.start({
    model: name,
    method: resolved.method,
    trainableParameters: trained,
    startsFrom: learner.startsFrom,
  });
  try {
    const result = await trainAdapter({
      ...config,
      model,
      tokenizer,
      output: output!,
      resume: values.resume,
      overwrite: values.overwrite,
      signal,
      onEvent: reporter.event,
    });
    reporter.end(result, { model: name, output: output! });
    if (result.stopped) process.exitCode = 130;
  } finally {
    reporter.close();
  }
}
