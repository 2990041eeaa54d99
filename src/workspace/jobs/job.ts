/**
 * @file A job: a plain description of work that can be stored, queued or sent to another process or machine to run.
 *   Its paths are relative to the folder where it runs.
 */
import type { BenchmarkResult } from '../../benchmark/benchmark.js';
import { type BenchmarkJob, runBenchmarkJob } from './benchmark-job.js';
import { type CellJob, type CellJobResult, runCellJob } from './cell-job.js';
import { type CompareJob, type CompareJobResult, runCompareJob } from './compare-job.js';
import { type EvaluateJob, type EvaluateJobResult, runEvaluateJob } from './evaluate-job.js';
import type { JobOptions } from './events.js';
import { runTrainJob, type TrainJob, type TrainJobResult } from './train-job.js';

export type Job = TrainJob | EvaluateJob | CompareJob | BenchmarkJob | CellJob;

/** The result of a job, also plain JSON. */
export type JobResult<J extends Job = Job> = J extends TrainJob
  ? TrainJobResult
  : J extends EvaluateJob
    ? EvaluateJobResult
    : J extends CompareJob
      ? CompareJobResult
      : J extends BenchmarkJob
        ? BenchmarkResult
        : CellJobResult;

/**
 * Runs a job in this process.
 * @throws UsageError, FileError or PromptuneError; if the signal stops a job that can only begin anew (`evaluate`,
 *   `benchmark`), the signal's reason (the others return as stopped)
 */
export async function runJob<J extends Job>(job: J, options?: JobOptions): Promise<JobResult<J>>;
export async function runJob(job: Job, options: JobOptions = {}): Promise<JobResult> {
  switch (job.type) {
    case 'train':
      return runTrainJob(job, options);
    case 'evaluate':
      return runEvaluateJob(job, options);
    case 'compare':
      return runCompareJob(job, options);
    case 'benchmark':
      return runBenchmarkJob(job, options);
    case 'cell':
      return runCellJob(job, options);
  }
}
