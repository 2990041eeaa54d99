/** @file The process that runs one job, received from its parent. Its argument is the language that it speaks. */
import '../../hub-datasets.js';
import { type Language, speak } from '../../say.js';
import { catalogs } from '../../sentences/index.js';
import type { JobEvent } from './events.js';
import { type Job, type JobResult, runJob } from './job.js';
import { errorAsJson, type JobError } from './job-error.js';

/** Messages from the parent: a job, and later perhaps a request to stop. */
export type JobRequest = Job | 'stop';

/** Messages to the parent. */
export type JobMessage =
  | { type: 'event'; event: JobEvent }
  | { type: 'end'; result: JobResult }
  /** The signal stopped it without a result. */
  | { type: 'aborted' }
  | { type: 'error'; error: JobError };

speak(catalogs[process.argv[2] as Language] ?? catalogs.en);
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
      (error as Error).name === 'AbortError'
        ? { type: 'aborted' }
        : { type: 'error', error: errorAsJson(error) },
    );
  }
  process.exit(0);
}
