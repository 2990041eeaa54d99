/**
 * @file Jobs that the studio started: one at a time, each in a process of its own. What they are and what happened in
 *   them is in the studio's folder, so that a page that is reloaded goes on, and a server that starts again says what
 *   became of them.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { embeddedModel } from '../embedded-model.js';
import { optionError, PromptuneError, UsageError } from '../errors.js';
import { writeJsonAtomic } from '../formats/files.js';
import { readJsonObject } from '../formats/json.js';
import { isHolder, type Lock, takeLock } from '../formats/lock.js';
import { checkRunFolder } from '../runs/run-folder.js';
import { type Catalog, said, say, spoken } from '../say.js';
import { fileFields } from '../schema-problems.js';
import {
  type BenchmarkJob,
  type CompareJob,
  type EvaluateJob,
  parseJob,
  runJobInProcess,
  type TrainJob,
} from '../workspace/index.js';
import {
  type Job,
  type JobMessage,
  type JobState,
  jobTypes,
  type NewJob,
  newJobSchema,
} from './api/index.js';
import { JobLog, type JobLogEvent } from './job-log.js';
import { speaking } from './languages.js';

/** What the studio can do. */
export type Task = TrainJob | EvaluateJob | CompareJob | BenchmarkJob;

const storedSchema = z.object({
  name: z.string(),
  report: z.string().optional(),
  created: z.string(),
  job: z.looseObject({ type: z.enum(jobTypes) }),
  request: newJobSchema.optional(),
});

/** What a job is called, and the id of its report, if it writes one. */
export type JobPlace = Pick<Job, 'name' | 'report'>;

interface StudioJob extends JobPlace {
  readonly id: string;
  readonly folder: string;
  readonly created: string;
  job: Task;
  /** What the page asked for, if it trains. Earlier versions did not keep it. */
  readonly request?: NewJob;
  readonly log: JobLog;
  state: JobState;
  changed: string;
  step: number;
  totalSteps: number;
  error?: string;
  /** What its process speaks: the language of who started or resumed it. */
  catalog: Catalog;
  /** Stops it, while it runs. */
  controller?: AbortController;
}

/** What tells where a job writes. */
type Placed = Pick<StudioJob, 'name' | 'report' | 'job'>;

export interface JobsOptions {
  /** Told of a run that has an adapter now, before its job counts as over. */
  readonly onUsable: () => Promise<void>;
  /** Told of errors that are bugs, and of messages that could not be written. */
  readonly onError: (error: unknown) => void;
  /** A message as the page shows it. Default: as it is. */
  readonly worded?: (message: string) => string;
  /** Runs a job. Default: in a process of its own. */
  readonly runJob?: typeof runJobInProcess<Task>;
}

/** Milliseconds between two messages about the progress of a download or the like. */
const progressEvery = 300;

export class Jobs {
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #options: JobsOptions;
  readonly #jobs = new Map<string, StudioJob>();
  /** Where jobs will write that are being added or resumed. */
  readonly #reserved = new Set<string>();
  #running: Promise<void> | undefined;
  #isClosing = false;

  private constructor(folder: string, lock: Lock, options: JobsOptions) {
    this.#folder = folder;
    this.#lock = lock;
    this.#options = options;
  }

  /**
   * Opens the jobs of a folder. Those that were under way when a server ended are interrupted.
   * @throws UsageError if another process has them open
   */
  static async open(folder: string, options: JobsOptions): Promise<Jobs> {
    await mkdir(folder, { recursive: true });
    const lock = await takeLock(join(folder, 'jobs.lock'));
    if (isHolder(lock))
      throw new UsageError(
        say`a studio is open over this folder already, in process ${lock.pid} on ${lock.host}; use
          it, or another folder`,
        { code: 'unavailable' },
      );
    const jobs = new Jobs(folder, lock, options);
    try {
      for (const entry of (await readdir(folder, { withFileTypes: true })).filter((each) =>
        each.isDirectory(),
      ))
        await jobs.#read(entry.name).catch(options.onError); // a damaged one hides no other
    } catch (error) {
      await lock.release();
      throw error;
    }
    return jobs;
  }

  /** All jobs, the newest first. */
  list(): Job[] {
    return [...this.#jobs.values()]
      .sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0))
      .map(described);
  }

  get(id: string): Job {
    return described(this.#named(id));
  }

  /** The job that trains a run, or will. */
  of(run: string): Job | undefined {
    const job = [...this.#jobs.values()].find(
      (each) => each.job.type === 'train' && each.name === run && isUnderWay(each),
    );
    return job && described(job);
  }

  /** @throws UsageError for a job that was not asked to train, or by an earlier version */
  request(id: string): NewJob {
    const { request } = this.#named(id);
    if (request) return request;
    throw new UsageError(say`the settings of job ${JSON.stringify(id)} are not kept`, { code: 'not-found' });
  }

  async *messages(id: string, from: number, signal: AbortSignal): AsyncGenerator<JobMessage> {
    const catalog = spoken(); // a stream is read after the request that asked for it
    for await (const { event, ...message } of this.#named(id).log.read(from, signal))
      yield { ...message, event: speaking(catalog, () => inWords(event)) };
  }

  /** @throws UsageError if a job writes there, or there is a run already that the job does not overwrite */
  add({ name, report }: JobPlace, job: Task, request?: NewJob): Promise<Job> {
    return this.#alone({ name, report, job }, async () => {
      if (job.type === 'train') await checkRunFolder(job.output, job);
      const created = new Date().toISOString();
      const id = `${created.slice(0, 19).replace(/\D/g, '')}-${randomUUID().slice(0, 8)}`;
      const folder = join(this.#folder, id);
      await writeJsonAtomic(join(folder, 'job.json'), { name, report, created, job, request });
      const { log } = await JobLog.open(join(folder, 'messages.jsonl'));
      const added: StudioJob = {
        ...{ id, folder, name, report, created, job, request, log },
        ...{ state: 'waiting', changed: created, step: 0, totalSteps: 0, catalog: spoken() },
      };
      this.#jobs.set(id, added);
      this.#wait(added);
      return described(added);
    });
  }

  /** Stops a job, which keeps what it has learned. Does nothing to one that is over. */
  async stop(id: string): Promise<Job> {
    const job = this.#named(id);
    if (job.state === 'waiting') await this.#end(job, 'stopped');
    job.controller?.abort();
    return described(job);
  }

  /**
   * Goes on from the last checkpoint or cell, or from the beginning where there is none.
   * @throws UsageError for a job that is done or under way
   */
  async resume(id: string): Promise<Job> {
    const job = this.#named(id);
    if (job.state === 'done') throw new UsageError(say`the job is done, and has nothing to resume`);
    return this.#alone(job, async () => {
      if (job.job.type === 'train')
        job.job = { ...job.job, resume: await hasRun(job.job.output), overwrite: false };
      this.#wait(job);
      return described(job);
    });
  }

  /**
   * Forgets a job that is over. What it made stays.
   * @throws UsageError for one that is under way
   */
  async remove(id: string): Promise<void> {
    const job = this.#named(id);
    if (isUnderWay(job)) throw new UsageError(say`the job is under way; stop it first`);
    this.#jobs.delete(id);
    await rm(job.folder, { recursive: true, force: true });
  }

  /** Stops the running job, which saves what it has learned, and those that wait. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const job of this.#jobs.values()) {
      if (job.state === 'waiting') await this.#end(job, 'interrupted', closed);
      job.controller?.abort();
    }
    await this.#running;
    await this.#lock.release();
  }

  #named(id: string): StudioJob {
    const job = this.#jobs.get(id);
    if (job) return job;
    throw new UsageError(say`there is no job ${JSON.stringify(id)}`, { code: 'not-found' });
  }

  /**
   * Adds or resumes a job while no other writes to its place.
   * @throws UsageError if one does, or will
   */
  async #alone<Result>(job: Placed, work: () => Promise<Result>): Promise<Result> {
    const place = placeOf(job);
    const taken = [...[...this.#jobs.values()].filter(isUnderWay).map(placeOf), ...this.#reserved];
    if (taken.some((other) => isWithin(place, other) || isWithin(other, place)))
      throw optionError(
        job.job.type === 'train' ? 'run' : 'name',
        say`a job works on ${JSON.stringify(job.name)}; stop it, or choose another name`,
        { code: 'already-exists' },
      );
    this.#reserved.add(place);
    try {
      return await work();
    } finally {
      this.#reserved.delete(place);
    }
  }

  #wait(job: StudioJob): void {
    job.catalog = spoken();
    job.log.begin();
    this.#change(job, 'waiting');
    this.#next();
  }

  /** Starts the job that has waited longest, if none runs. */
  #next(): void {
    if (this.#running || this.#isClosing) return;
    const next = [...this.#jobs.values()]
      .filter(({ state }) => state === 'waiting')
      .reduce<StudioJob | undefined>(
        (first, job) => (first && first.changed <= job.changed ? first : job),
        undefined,
      );
    if (!next) return;
    this.#running = this.#run(next)
      .catch(this.#options.onError)
      .then(() => {
        this.#running = undefined;
        this.#next();
      });
  }

  async #run(job: StudioJob): Promise<void> {
    const { runJob = runJobInProcess, onUsable, onError, worded = (message) => message } = this.#options;
    job.controller = new AbortController();
    this.#change(job, 'running');
    let end: [JobState, string?];
    try {
      const record = recorder(job);
      const onEvent = (event: JobLogEvent) =>
        record(event.type === 'warning' ? { ...event, message: worded(event.message) } : event);
      const { signal } = job.controller;
      const result = await speaking(job.catalog, () => runJob(job.job, { signal, onEvent }));
      end = ['stopped' in result && result.stopped ? 'stopped' : 'done'];
    } catch (error) {
      const isStopped = (error as Error).name === 'AbortError';
      if (!isStopped && !(error instanceof PromptuneError)) onError(error);
      end = isStopped ? ['stopped'] : ['failed', worded((error as Error).message)];
    }
    if (this.#isClosing && end[0] === 'stopped') end = ['interrupted', closed];
    await speaking(undefined, onUsable).catch(onError);
    job.controller = undefined;
    await this.#end(job, ...end);
  }

  #change(job: StudioJob, state: JobState, error?: string): void {
    Object.assign(job, { state, error, changed: new Date().toISOString() });
    job.log.append({ type: 'state', state, ...(error !== undefined && { error }) });
  }

  async #end(job: StudioJob, state: JobState, error?: string): Promise<void> {
    this.#change(job, state, error);
    await job.log.finish().catch(this.#options.onError);
  }

  async #read(id: string): Promise<void> {
    const folder = join(this.#folder, id);
    const path = join(folder, 'job.json');
    const found = await readJsonObject(path).catch(() => undefined); // one that was killed before it was there
    if (!found) return;
    const { name, report, created, job, request } = fileFields(storedSchema, found, path);
    const { log, messages } = await JobLog.open(join(folder, 'messages.jsonl'));
    const read: StudioJob = {
      ...{ id, folder, name, report, created, job: parseJob(job) as Task, request, log },
      ...{ state: 'interrupted', changed: created, step: 0, totalSteps: 0, catalog: spoken() },
    };
    for (const { time, event } of messages) {
      note(read, event);
      if (event.type === 'state')
        Object.assign(read, { state: event.state, error: event.error, changed: time });
    }
    this.#jobs.set(id, read);
    if (isUnderWay(read) || messages.length === 0) await this.#end(read, 'interrupted', ended);
  }
}

// Written in English, and said in the language of who reads it.
const ended = 'the server ended while the job was under way; resume it';
const closed = 'the server was closed while the job was under way; resume it';

/** What a job writes, in the studio's folder: the folder of a run or comparison, or the page of another report. */
const placeOf = ({ name, report, job }: Placed): string =>
  job.type === 'train' || job.type === 'compare' ? name : (report ?? name);

const isWithin = (place: string, other: string) => `${place}/`.startsWith(`${other}/`);

const isUnderWay = ({ state }: StudioJob) => state === 'waiting' || state === 'running';

/** Whether there is a run to resume. Throws for one that cannot be. */
async function hasRun(folder: string): Promise<boolean> {
  try {
    await checkRunFolder(folder, { resume: true });
    return true;
  } catch (error) {
    if (error instanceof PromptuneError && error.code === 'not-found') return false;
    throw error;
  }
}

/** As its reader understands it. What the job's process said stays in that process's language. */
const inWords = (event: JobLogEvent): JobLogEvent =>
  event.type === 'state' && event.error !== undefined ? { ...event, error: said(event.error) } : event;

function described({
  log,
  job,
  error,
  folder: _,
  controller: __,
  catalog: ___,
  request: ____,
  ...own
}: StudioJob): Job {
  const model = job.type === 'compare' ? job.config.model : job.model;
  return {
    ...own,
    ...(error !== undefined && { error: said(error) }),
    type: job.type,
    model: String(model ?? embeddedModel),
    ...(job.type === 'train' && { method: job.config.method }),
    messages: log.length,
  };
}

/** Keeps what a list of jobs shows. */
function note(job: StudioJob, event: JobLogEvent): void {
  if (event.type === 'start') job.totalSteps = event.totalSteps;
  if (event.type === 'step' || event.type === 'resumed')
    Object.assign(job, { step: event.step, totalSteps: event.totalSteps });
  if (event.type === 'part') Object.assign(job, { totalSteps: event.count });
  if (event.type === 'scores') job.step = event.done;
  if (event.type === 'progress' && job.job.type === 'evaluate' && event.stage === 'scoring')
    Object.assign(job, { step: event.done, totalSteps: event.total });
}

/** Writes a job's events to its log, those of progress not more often than they can be seen. */
function recorder(job: StudioJob): (event: JobLogEvent) => void {
  let lastProgress = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.type === 'progress' || event.type === 'download') {
      const [done, total] =
        event.type === 'progress' ? [event.done, event.total] : [event.loadedBytes, event.totalBytes];
      const now = performance.now();
      if (done < total && now - lastProgress < progressEvery) return;
      lastProgress = now;
    }
    note(job, event);
    job.log.append(event);
  };
}
