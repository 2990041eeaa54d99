/** @file A training run of `train` and `pretrain`: its progress, and saving it on Ctrl-C. */

import { Option } from 'commander';
import { stringify } from 'yaml';
import { UsageError } from '../../index.js';
import { say } from '../../say.js';
import {
  checkRunFolder,
  type JobEvent,
  type MlflowStatus,
  type NewModelConfig,
  planTrainJob,
  reportToMlflow,
  runJob,
  type TrainJob,
  type TrainRequest,
} from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { type DistributionFlags, openDistribution } from '../options/distribution-options.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';
import { summaryLines, trainingReporter } from '../terminal/training-reporter.js';

export interface RunFlags extends DistributionFlags {
  offline?: boolean;
  resume?: boolean;
  overwrite?: boolean;
  allowChangedInputs?: boolean;
  auto?: boolean;
  json?: boolean;
  /** The address of an MLflow server, or true for that of the environment. */
  mlflow?: string | true;
}

export const changedInputsOption = () =>
  new Option(
    '--allow-changed-inputs',
    'with --resume: resume although the data, the weights or the tokenizer changed since the run began',
  );

/** @param newModel creates a model for the run */
export async function runTraining(
  request: TrainRequest,
  flags: RunFlags,
  newModel?: NewModelConfig,
): Promise<void> {
  const { json = false, offline, resume, overwrite, allowChangedInputs, auto, mlflow } = flags;
  const { output } = request;
  if (!output)
    throw new UsageError(say`there is no folder for the run; add one, such as --output runs/first`);
  const folder = { output, resume, overwrite, allowChangedInputs };
  const job: TrainJob = { type: 'train', ...request, ...folder, newModel, offline, auto };
  const reporter = trainingReporter({ json });
  const progress = jobProgress();
  const signal = interruptSignal(
    () => reporter.note(messages().training.stopping),
    () => reporter.close(),
  );
  const tracked =
    mlflow === undefined
      ? undefined
      : await reportToMlflow({
          ...(typeof mlflow === 'string' && { trackingUri: mlflow }),
          runName: output,
          parameters: { model: request.model, ...request.config },
          onWarning: reporter.note,
        });
  const onEvent = (event: JobEvent) => {
    if (event.type === 'download' || event.type === 'progress') return progress.event(event);
    if (event.type === 'part' || event.type === 'scores') return; // of jobs that do not train
    progress.clear();
    reporter.event(event);
    if (event.type !== 'trial') tracked?.onEvent(event);
  };
  let status: MlflowStatus = 'FAILED';
  const { threads, device } = request.config;
  const where = await openDistribution(flags, { threads, device });
  try {
    const result = await runJob(job, { signal, onEvent, engine: where.engine });
    status = result.stopped ? 'KILLED' : 'FINISHED';
    reporter.end(result, output);
    if (result.stopped) process.exitCode = 130;
  } finally {
    await tracked?.end(status);
    progress.clear();
    reporter.close();
    await where.close();
  }
}

/** Prints what a run would do: its whole configuration, and what is known before its first step. */
export async function planTraining(
  request: TrainRequest,
  { json, offline, resume, overwrite }: RunFlags,
): Promise<void> {
  if (request.output) await checkRunFolder(request.output, { resume, overwrite });
  const progress = jobProgress();
  const options = { signal: interruptSignal(), onEvent: progress.event, measures: true };
  try {
    const { config, summary } = await planTrainJob({ ...request, offline }, options);
    progress.clear();
    const { model: _, ...figures } = summary;
    if (json) return console.log(JSON.stringify({ ...config, ...figures }));
    const comments = summaryLines(summary).map((text) => `# ${text}\n`);
    process.stdout.write(`${stringify(config)}${comments.join('')}`);
  } finally {
    progress.clear();
  }
}
