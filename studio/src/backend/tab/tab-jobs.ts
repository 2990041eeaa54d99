/**
 * @file Jobs of this tab: one trains at a time, the others wait. What they said is kept, so that a page that was reloaded
 *   or closed shows it; their runs are resumed from the checkpoints in storage.
 */
import { t } from '../../messages/messages.svelte.js';
import type { Job, JobMessage, JobState, NewJob } from '../backend.js';
import { BackendError } from '../backend.js';
import type { TabStorage } from './tab-storage.js';

export type JobEventOfPage = JobMessage['event'];

export interface RunningJob {
  readonly job: Job;
  readonly request: NewJob;
  readonly isResumed: boolean;
  readonly signal: AbortSignal;
  tell(event: JobEventOfPage): void;
}

export interface TabJobsOptions {
  readonly storage: TabStorage;
  /** Does a job, to its end or until it is stopped. */
  run(job: RunningJob): Promise<{ stopped: boolean }>;
  /** Whether another tab works on a run. */
  isHeld(run: string): Promise<boolean>;
}

interface Entry {
  job: Job;
  readonly request: NewJob;
  readonly messages: JobMessage[];
  readonly listeners: Set<() => void>;
  stop?: AbortController;
  isKept: boolean;
}

type StoredEntry = Pick<Entry, 'job' | 'request' | 'messages'>;

const folder = 'jobs';
const isOver = ({ state }: Job) => state !== 'waiting' && state !== 'running';

/** Milliseconds between two writings of what a job says. */
const keepEvery = 2000;

export class TabJobs {
  readonly #options: TabJobsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: { entry: Entry; isResumed: boolean }[] = [];
  #isAtWork = false;

  private constructor(options: TabJobsOptions) {
    this.#options = options;
  }

  static async open(options: TabJobsOptions): Promise<TabJobs> {
    const jobs = new TabJobs(options);
    for (const name of await options.storage.list(folder)) {
      const stored = await options.storage.readJson<StoredEntry>(`${folder}/${name}`);
      if (!stored) continue;
      const entry = { ...stored, listeners: new Set<() => void>(), isKept: true };
      jobs.#entries.set(stored.job.id, entry);
      const isElsewhere = stored.job.state === 'running' && (await options.isHeld(stored.job.name));
      if (!isOver(stored.job) && !isElsewhere) jobs.#enter(entry, 'interrupted');
    }
    return jobs;
  }

  all(): Job[] {
    return [...this.#entries.values()]
      .map(({ job }) => job)
      .sort((a, b) => b.created.localeCompare(a.created));
  }

  job(id: string): Job {
    return this.#entry(id).job;
  }

  /** The job that works on a run, or worked on it last. */
  ofRun(run: string): Job | undefined {
    return this.all().find((job) => job.name === run);
  }

  request(id: string): NewJob {
    return this.#entry(id).request;
  }

  /** @throws BackendError if a job trains that run, or will */
  start(request: NewJob, { model, method }: { model: string; method: string }): Job {
    if (this.all().some((job) => job.name === request.run && !isOver(job))) {
      const message = t().tab.jobWorks(request.run);
      throw new BackendError(message, { status: 409, problems: [{ param: 'run', message }] });
    }
    const now = new Date().toISOString();
    const id = `${now.replace(/\D/g, '').slice(0, 14)}-${crypto.randomUUID().slice(0, 6)}`;
    const job: Job = {
      ...{
        id,
        type: 'train',
        name: request.run,
        model,
        method,
        state: 'waiting',
        created: now,
        changed: now,
      },
      ...{ step: 0, totalSteps: 0, messages: 0 },
    };
    const entry = { job, request, messages: [], listeners: new Set<() => void>(), isKept: false };
    this.#entries.set(id, entry);
    return this.#queue(entry, false);
  }

  resume(id: string): Job {
    const entry = this.#entry(id);
    if (!isOver(entry.job) || entry.job.state === 'done')
      throw new BackendError(t().tab.jobIs(t().shell.states[entry.job.state]), { status: 409 });
    return this.#queue(entry, true);
  }

  stop(id: string): Job {
    const entry = this.#entry(id);
    const place = this.#waiting.findIndex((waiting) => waiting.entry === entry);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      this.#enter(entry, 'stopped');
    } else entry.stop?.abort();
    return entry.job;
  }

  async forget(id: string): Promise<void> {
    const { job } = this.#entry(id);
    if (!isOver(job)) throw new BackendError(t().tab.jobIs(t().shell.states[job.state]), { status: 409 });
    this.#entries.delete(id);
    await this.#options.storage.remove(`${folder}/${id}.json`);
  }

  async *watch(id: string, from: number, signal: AbortSignal): AsyncGenerator<JobMessage> {
    const entry = this.#entry(id);
    for (let next = from; !signal.aborted; ) {
      if (next < entry.messages.length) yield entry.messages[next++]!;
      else if (isOver(entry.job)) return;
      else await heard(entry.listeners, signal);
    }
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new BackendError(t().tab.noJob(id), { status: 404 });
    return entry;
  }

  #queue(entry: Entry, isResumed: boolean): Job {
    this.#enter(entry, 'waiting');
    this.#waiting.push({ entry, isResumed });
    void this.#work();
    return entry.job;
  }

  async #work(): Promise<void> {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#do(next);
    this.#isAtWork = false;
  }

  async #do({ entry, isResumed }: { entry: Entry; isResumed: boolean }): Promise<void> {
    entry.stop = new AbortController();
    const { signal } = entry.stop;
    this.#enter(entry, 'running');
    const keeping = setInterval(() => void this.#keep(entry), keepEvery);
    try {
      const { stopped } = await this.#options.run({
        ...{ job: entry.job, request: entry.request, isResumed, signal },
        tell: (event) => this.#tell(entry, event),
      });
      this.#enter(entry, stopped ? 'stopped' : 'done');
    } catch (error) {
      if (signal.aborted) this.#enter(entry, 'stopped');
      else this.#enter(entry, 'failed', (error as Error).message);
    } finally {
      clearInterval(keeping);
    }
  }

  #enter(entry: Entry, state: JobState, error?: string): void {
    const { error: _, ...job } = entry.job;
    entry.job = { ...job, state, changed: new Date().toISOString(), ...(error !== undefined && { error }) };
    this.#tell(entry, { type: 'state', state, ...(error !== undefined && { error }) });
    void this.#keep(entry);
  }

  #tell(entry: Entry, event: JobEventOfPage): void {
    entry.messages.push({ index: entry.messages.length, time: new Date().toISOString(), event });
    const { step, totalSteps } = event as { step?: number; totalSteps?: number };
    entry.job = {
      ...entry.job,
      messages: entry.messages.length,
      ...(event.type === 'step' && { step }),
      ...(totalSteps !== undefined && { totalSteps }),
    };
    entry.isKept = false;
    for (const listener of entry.listeners) listener();
  }

  async #keep(entry: Entry): Promise<void> {
    if (entry.isKept) return;
    entry.isKept = true;
    const { job, request, messages } = entry;
    await this.#options.storage.writeJson(`${folder}/${job.id}.json`, { job, request, messages });
  }
}

/** Settles when there is something new, or the signal is aborted. */
function heard(listeners: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    listeners.add(done);
    signal.addEventListener('abort', done);
  });
}
