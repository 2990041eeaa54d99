/** @file Runs a job in a separate process, which isolates its memory and crashes. */
import { fork } from 'node:child_process';
import { PromptuneError } from '../../errors.js';
import { say, spoken } from '../../say.js';
import type { JobOptions } from './events.js';
import type { Job, JobResult } from './job.js';
import { errorFromJson } from './job-error.js';
import type { JobMessage, JobRequest } from './job-process.js';

/** A process ended before what it was doing: it was killed, ran out of memory, or crashed. */
export class ProcessEndedError extends PromptuneError {
  override readonly name = 'ProcessEndedError';

  /** @param how its exit code, or the signal that ended it */
  constructor(readonly how: string) {
    super(say`the job's process ended with ${how}`);
  }
}

/**
 * Like `runJob`, in another process, which speaks the language that is spoken here.
 * @throws what the job throws there; ProcessEndedError if the process ends before the job; an AbortError if the signal
 *   stopped a job without a result
 */
export async function runJobInProcess<J extends Job>(
  job: J,
  { signal, onEvent }: JobOptions = {},
): Promise<JobResult<J>> {
  signal?.throwIfAborted();
  const { language } = spoken();
  const isSource = import.meta.url.endsWith('.ts'); // as in this repository's own tests
  const child = isSource
    ? fork(new URL('./job-process.ts', import.meta.url), [language], { execArgv: ['--import', 'tsx'] })
    : fork(new URL('./job-process.js', import.meta.url), [language]);
  let end: Exclude<JobMessage, { type: 'event' }> | undefined;
  child.on('message', (message: JobMessage) => {
    if (message.type === 'event') onEvent?.(message.event);
    else end = message;
  });
  // Errors of starting or messaging the process are ignored, since its exit is reported anyway.
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, killedBy) => resolve(`${killedBy ?? code}`));
    child.on('error', ({ message }) => child.pid === undefined && resolve(message));
  });
  const tell = (request: JobRequest) => child.connected && child.send(request, () => {});
  const stop = () => tell('stop');
  signal?.addEventListener('abort', stop, { once: true });
  tell(job);
  const how = await ended;
  signal?.removeEventListener('abort', stop);
  switch (end?.type) {
    case 'end':
      return end.result as JobResult<J>;
    case 'aborted':
      throw new DOMException('The job was stopped', 'AbortError');
    case 'error':
      throw errorFromJson(end.error);
    default:
      throw new ProcessEndedError(how);
  }
}
