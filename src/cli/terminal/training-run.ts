/** @file A training run on the command line: the model is loaded, the run shown as it goes on, and Ctrl-C saves it. */
import { stringify } from 'yaml';
import { UsageError } from '../../errors.js';
import type { RunInputs } from '../../loss/dataset-options.js';
import { methodNamed } from '../../methods/registry.js';
import { checkRunFolder } from '../../runs/run-folder.js';
import { prepareRun, trainAdapter } from '../../runs/train-adapter.js';
import type { TrainingEvent } from '../../training/events.js';
import { fetchDatasets } from '../options/fetch-datasets.js';
import { type ModelFlags, openModel } from '../options/model-options.js';
import type { TrainRequest } from '../options/train-config.js';
import { interruptSignal } from './interrupt.js';
import { type Counted, counted, type ProgressLine, progressLine } from './progress-line.js';
import { summaryLines, trainingReporter } from './training-reporter.js';

export interface RunFlags extends Pick<ModelFlags, 'offline'> {
  resume?: boolean;
  overwrite?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/**
 * @param makeModel makes the model that the request names, where that is not there before the run. What it returns takes
 *   the model away again where no run comes about.
 */
export async function runTraining(
  { config, model: name, output }: TrainRequest,
  { json = false, dryRun, resume, overwrite, offline }: RunFlags,
  makeModel?: (signal: AbortSignal, line: ProgressLine) => Promise<() => Promise<void>>,
): Promise<void> {
  if (!output && !dryRun) throw new UsageError('no folder for the run is given; add --output');
  if (output) await checkRunFolder(output, { resume, overwrite });

  const reporter = trainingReporter({ json });
  const line = progressLine();
  const signal = interruptSignal(
    () =>
      reporter.note('Stopping. A second Ctrl-C ends at once and loses the steps since the last checkpoint.'),
    () => reporter.close(),
  );
  let discardModel: (() => Promise<void>) | undefined;
  try {
    discardModel = await makeModel?.(signal, line);
    const pretrained = await openModel(
      { model: name, revision: config.revision, dtype: config.dtype, offline },
      signal,
    );
    await fetchDatasets([config.data, config.validation].flat(), { offline, signal });
    const inputs = {
      ...pretrained,
      signal,
      onDataProgress: (progress: Counted) => line.show(counted('Reading the data', progress)),
    };
    if (dryRun) return await printPlan({ config, model: name, output }, inputs, json);
    const onEvent = (event: TrainingEvent) => {
      line.clear();
      reporter.event(event);
    };
    const result = await trainAdapter({ ...config, ...inputs, output: output!, resume, overwrite, onEvent });
    reporter.end(result, { ...config, model: name, output: output! });
    if (result.stopped) process.exitCode = 130;
  } catch (error) {
    await discardModel?.();
    throw error;
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
