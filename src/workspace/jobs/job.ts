/**
 * @file A job: a plain description of work that can be kept in a file, queued, or sent to another process or machine,
 * which runs it. Paths in it are relative to the folder where it runs.
 */
import { type CellJob, type CellJobResult, runCellJob } from './cell-job.js';
import { type EvaluateJob, type EvaluateJobResult, runEvaluateJob } from './evaluate-job.js';
import type { JobOptions } from './events.js';
import { runTrainJob, type TrainJob, type TrainJobResult } from './train-job.js';

export type Job = TrainJob | EvaluateJob | CellJob;

/** What a job comes to; plain JSON as well. */
export type JobResult<J extends Job = Job> = J extends TrainJob
  ? TrainJobResult
  : J extends EvaluateJob
    ? EvaluateJobResult
    : CellJobResult;

/**
 * Runs a job in this process.
 * @throws UsageError, FileError or PromptuneError; a job that evaluates throws the signal's reason where that stops it,
 *   one
 *   that trains returns as stopped
 */
export async function runJob<J extends Job>(job: J, options?: JobOptions): Promise<JobResult<J>>;
export async function runJob(job: Job, options: JobOptions = {}): Promise<JobResult> {
  switch (job.type) {
    case 'train':
      return runTrainJob(job, options);
    case 'evaluate':
      return runEvaluateJob(job, options);
    case 'cell':
      return runCellJob(job, options);
  }
}
