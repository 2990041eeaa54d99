/** @file The job that trains: finds or creates the model, downloads the data, and runs. */

import { totalmem } from 'node:os';
import type { Engine } from '../../distribution/work.js';
import { optionError } from '../../errors.js';
import { unfamiliarTexts } from '../../loss/familiar-texts.js';
import { methodNamed } from '../../methods/registry.js';
import type { Pretrained } from '../../open-pretrained.js';
import { fromPretrained } from '../../pretrained.js';
import { estimateSeconds } from '../../runs/estimate-seconds.js';
import type { PreparedRun } from '../../runs/prepare-run.js';
import { prepareRun } from '../../runs/prepare-run.js';
import type { ResolvedRunConfig } from '../../runs/run-config.js';
import { checkRunFolder } from '../../runs/run-folder.js';
import { trainFromConfig, type WrittenRun } from '../../runs/train-adapter.js';
import { say } from '../../say.js';
import { joinDatasets } from '../../text/dataset.js';
import type { RunSummary } from '../../training/events.js';
import { type Trial, tuneAdapter } from '../../tuning/tune-adapter.js';
import { openPieces } from '../distribution/open-pieces.js';
import { remoteStep } from '../distribution/remote.js';
import { fetchDatasets } from '../fetch-datasets.js';
import { type FirstUse, firstUse } from '../first-use.js';
import { makeNewModel, type NewModelConfig, newModelFolder } from '../pretraining.js';
import type { TrainRequest } from '../train-request.js';
import { counting, downloading, type JobOptions } from './events.js';

export interface TrainJob extends TrainRequest {
  readonly type: 'train';
  /** The run's folder. */
  readonly output: string;
  /** Creates a GPT-2 for the run, in place of `model`. Not with `resume`. */
  readonly newModel?: NewModelConfig;
  /** Downloads nothing. */
  readonly offline?: boolean;
  /** Resume the run in `output`. */
  readonly resume?: boolean;
  /** Delete the run in `output` first. */
  readonly overwrite?: boolean;
  /** First choose learning rate, length and start by short runs in `output`-tuning, which the same job resumes. */
  readonly auto?: boolean;
  /** Go on with data, weights or a tokenizer that changed since the run began. */
  readonly allowChangedInputs?: boolean;
}

/** The result of a run, whose folder has the adapter. */
export interface TrainJobResult extends Omit<WrittenRun, 'adapter'> {
  /** How to try what it learned. Missing if the run was stopped. */
  readonly firstUse?: FirstUse;
}

/** @throws what `fromPretrained` and `trainFromConfig` throw */
export async function runTrainJob(job: TrainJob, options: JobOptions): Promise<TrainJobResult> {
  const { config: given, output, newModel, offline, resume, overwrite, allowChangedInputs } = job;
  await checkRunFolder(output, { resume, overwrite });
  const { signal, onEvent } = options;
  const discard =
    newModel &&
    (await makeNewModel(newModel, given, {
      output,
      overwrite,
      signal,
      onProgress: counting(options, 'tokenizer'),
    }));
  try {
    const model = newModel ? newModelFolder(output) : job.model;
    const pretrained = await openInputs({ model, config: given, offline }, options);
    const onDataProgress = counting(options, 'data');
    const config = job.auto ? await tuned(job, pretrained, options) : given;
    const folder = { output, resume, overwrite, allowChangedInputs };
    const createStep =
      options.engine && (await dividedSteps(options.engine, pretrained, { model, config, offline, signal }));
    const run = { ...config, ...pretrained, ...folder, signal, onDataProgress, onEvent, createStep };
    const onScoringProgress = counting(options, 'scoring', 'adapter');
    const { adapter, ...result } = await trainFromConfig({ ...run, scoreLabels: true, onScoringProgress });
    const { adapterPath, stopped } = result;
    if (stopped) return result;
    return { ...result, firstUse: await firstUse({ config, usage: adapter.usage!, output, adapterPath }) };
  } catch (error) {
    await discard?.();
    throw error;
  }
}

/** Steps whose batches an engine computes, which gets ready while the data is read. */
async function dividedSteps(
  engine: Engine,
  pretrained: Pretrained,
  {
    model,
    config,
    offline,
    signal,
  }: { model: string; config: ResolvedRunConfig; offline?: boolean; signal?: AbortSignal },
) {
  const { revision, dtype, device, threads, gradientAccumulationSteps } = config;
  if (gradientAccumulationSteps < 2)
    throw optionError(
      'gradientAccumulationSteps',
      say`several workers share the batches of a step, which has one; set at least 2, and batchSize
        accordingly lower`,
    );
  const of = { model, revision, dtype, offline, device, threads };
  const pieces = await openPieces({ engine, of, signal }, pretrained);
  return (run: PreparedRun) => remoteStep(pieces, run);
}

/** The configuration with the settings that short runs choose. */
async function tuned(
  { config, output }: TrainJob,
  pretrained: Pretrained,
  { signal, onEvent }: JobOptions,
): Promise<ResolvedRunConfig> {
  const onTrial = (trial: Trial) => onEvent?.({ type: 'trial', ...trial });
  const result = await tuneAdapter({ config, ...pretrained, output: `${output}-tuning`, signal, onTrial });
  return result.config;
}

/** What a run would do. */
export interface RunPlan {
  /** The complete configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What is known of the run before its first step. */
  readonly summary: RunSummary;
}

/**
 * Reads the model and the data as the job would, and writes nothing.
 * @param options `pretrained`: the model, where it is open already; `measures`: computes a step, which tells how long
 *   the run takes, if it fits the machine's memory
 */
export async function planTrainJob(
  { model, output, config, offline }: TrainRequest & Pick<TrainJob, 'offline'>,
  { pretrained: opened, measures, ...options }: JobOptions & { pretrained?: Pretrained; measures?: boolean },
): Promise<RunPlan> {
  const pretrained = await openInputs({ model, config, offline }, options, opened);
  const { signal } = options;
  const run = await prepareRun(config, {
    ...pretrained,
    output,
    signal,
    onDataProgress: counting(options, 'data'),
  });
  const { device, threads } = config;
  const unfamiliar = await unfamiliarTexts(joinDatasets(run.read), {
    ...pretrained,
    device,
    threads,
    signal,
  });
  const { estimatedMemoryBytes, weightBytes } = run.summary;
  const fits = estimatedMemoryBytes + weightBytes < memoryOfMachine();
  const estimatedSeconds = measures && fits ? await estimateSeconds(pretrained.model, run) : undefined;
  await run.dispose();
  const methodOptions = methodNamed(config.method).schema.parse(config.methodOptions);
  const { maxLength } = run;
  const { learningRate } = run.config;
  const warnings = [...(run.summary.warnings ?? []), ...unfamiliar];
  return {
    config: { model: run.summary.model, output, ...config, learningRate, methodOptions, maxLength },
    summary: {
      ...run.summary,
      ...(warnings.length > 0 && { warnings }),
      ...(estimatedSeconds !== undefined && { estimatedSeconds }),
    },
  };
}

/** Bytes, or those that the process may have. */
const memoryOfMachine = () => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

async function openInputs(
  { model, config, offline }: { model: string; config: ResolvedRunConfig; offline?: boolean },
  options: JobOptions,
  opened?: Pretrained,
): Promise<Pretrained> {
  const { revision, dtype, data, validation } = config;
  const onProgress = downloading(options);
  const { signal } = options;
  const pretrained =
    opened ?? (await fromPretrained(model, { revision, dtype, offline, signal, onProgress }));
  await fetchDatasets([data, validation].flat(), { offline, signal, onProgress });
  return pretrained;
}
