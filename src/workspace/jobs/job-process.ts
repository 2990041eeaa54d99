/** @file The process that runs one job, received from its parent. */
import '../../hub-datasets.js';
import { type ErrorCode, type Problem, PromptuneError, UsageError } from '../../errors.js';
import type { JobEvent } from './events.js';
import { type Job, type JobResult, runJob } from './job.js';

/** Messages from the parent: a job, and later perhaps a request to stop. */
export type JobRequest = Job | 'stop';

/** Messages to the parent. */
export type JobMessage =
  | { type: 'event'; event: JobEvent }
  | { type: 'end'; result: JobResult }
  /** The signal stopped it without a result. */
  | { type: 'aborted' }
  | { type: 'error'; error: JobError };

/** An error as plain JSON. */
export interface JobError {
  /** The message; for unexpected errors the stack. */
  readonly message: string;
  readonly isUsage: boolean;
  readonly code?: ErrorCode;
  readonly problems?: readonly Problem[];
}

const controller = new AbortController();
// The parent also gets a terminal's Ctrl-C and end, and decides what to do.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => controller.abort());
process.once('disconnect', () => process.exit(1)); // the parent is gone; a new one can resume from the last checkpoint
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
