/** @file The process that runs one job: told which by its parent, it ends when the job is done. */
import '../../hub-datasets.js';
import { type ErrorCode, type Problem, PromptuneError, UsageError } from '../../errors.js';
import type { JobEvent } from './events.js';
import { type Job, type JobResult, runJob } from './job.js';

/** What the parent says: a job to begin with, and later perhaps that it should end in order. */
export type JobRequest = Job | 'stop';

/** What the parent is told. */
export type JobMessage =
  | { type: 'event'; event: JobEvent }
  | { type: 'end'; result: JobResult }
  /** The signal stopped it, with nothing to show. */
  | { type: 'aborted' }
  | { type: 'error'; error: JobError };

/** An error as plain JSON. */
export interface JobError {
  /** For people; of an error that nobody threw on purpose, with the stack. */
  readonly message: string;
  readonly isUsage: boolean;
  readonly code?: ErrorCode;
  readonly problems?: readonly Problem[];
}

const controller = new AbortController();
// A terminal's Ctrl-C, and its end, come to the parent as well, which says what is to be done.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => controller.abort());
process.once('disconnect', () => process.exit(1)); // the parent is gone: another one goes on from the last checkpoint
process.on('message', (message: JobRequest) => {
  if (message === 'stop') controller.abort();
  else void run(message);
});

async function run(job: Job): Promise<void> {
  const tell = (message: JobMessage) => new Promise<void>((sent) => process.send!(message, () => sent()));
  try {
    const onEvent = (event: JobEvent) => void tell({ type: 'event', event });
    const result = await runJob(job, { signal: controller.signal, onEvent });
    await tell({ type: 'end', result });
  } catch (error) {
    await tell(
      (error as Error).name === 'AbortError' ? { type: 'aborted' } : { type: 'error', error: asJson(error) },
    );
  }
  process.exit(0);
}

function asJson(error: unknown): JobError {
  const { message, stack = message } = error as Error;
  if (!(error instanceof PromptuneError)) return { message: stack, isUsage: false };
  const { code } = error;
  return error instanceof UsageError
    ? { message, isUsage: true, code, problems: error.problems }
    : { message, isUsage: false, code };
}
