/**
 * @file A worker: takes works from a queue, one at a time, and puts their results into the store. It may die at any
 *   moment: its lock runs out, and another one gets the work.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Worker } from 'bullmq';
import { host } from '#platform';
import { keepResult } from '../../distribution/run-works.js';
import { resultName, type Store } from '../../distribution/store.js';
import { PromptuneError } from '../../errors.js';
import type { Device } from '../../runtime/index.js';
import { say } from '../../say.js';
import { machineClass } from '../distribution/machine-class.js';
import { forgetWork, processEngine } from '../distribution/process-engine.js';
import type { JobEvent } from '../jobs/events.js';
import { errorAsJson } from '../jobs/job-error.js';
import { ProcessEndedError } from '../jobs/run-in-process.js';
import { connect, keyPrefix, loadPackages, queueName } from './connect.js';
import { type JobNote, queuedWorkSchema, signEvery, type WorkerRecord } from './messages.js';
import { workOfQueue } from './queue-input.js';
import { storesByKind } from './redis-store.js';
import { within } from './within.js';
import { removeWorker, writeWorker } from './workers.js';

export interface QueueWorkerOptions {
  /** `redis://HOST:PORT`, or `rediss://`. */
  url: string;
  store: Store;
  /** Threads that works are computed with, which are part of the class of the machine. Default 1. */
  threads?: number;
  device?: Device;
  /** Takes works that ask for workers of this purpose alone. Default: those that ask for none. */
  purpose?: string;
  /** Ends after so many works. Default: never. */
  maxJobs?: number;
  /** Ends after so many milliseconds without work. Default: never. */
  maxIdle?: number;
  /** Milliseconds after which the work of a dead worker goes to another. Default 15,000. */
  lockDuration?: number;
  /** How many workers a work may end before it is given up. Default 10. */
  maxDeaths?: number;
  /** Gives the work at hand back to the queue, with its progress in the store, and ends. */
  signal?: AbortSignal;
  onEvent?: (event: WorkerEvent) => void;
}

export type WorkerEvent =
  | { readonly type: 'ready'; readonly queue: string; readonly record: WorkerRecord }
  | { readonly type: 'begin'; readonly label: string; readonly attempt: number }
  /** The run goes on from a step that another attempt reached. */
  | { readonly type: 'resumed'; readonly label: string; readonly step: number }
  | { readonly type: 'done'; readonly label: string; readonly seconds: number; readonly kept: boolean }
  | { readonly type: 'failed'; readonly label: string; readonly message: string }
  | { readonly type: 'given back'; readonly label: string }
  | { readonly type: 'warning'; readonly message: string };

/** Why a worker ended: it was told to, has done what it should, or can no longer fetch work. */
export type WorkerEnd = 'stopped' | 'idle' | 'enough' | 'stuck';

/** While the store is away, the worker takes nothing. */
const pauseAfterStore = 60_000;
/** A worker that fetches nothing for so long although something waits is replaced, and at the second time ends. */
const stuckAfter = 60_000;

/** Works until there is a reason to end. @throws what `connect` throws */
export async function runQueueWorker(options: QueueWorkerOptions): Promise<WorkerEnd> {
  const { url, store, purpose, signal, onEvent = () => {}, maxJobs = Number.POSITIVE_INFINITY } = options;
  const {
    threads = 1,
    device,
    lockDuration = 15_000,
    maxDeaths = 10,
    maxIdle = Number.POSITIVE_INFINITY,
  } = options;
  const packages = await loadPackages();
  const { bullmq } = packages;
  const own = await machineClass({ threads, device });
  const name = queueName(own.id, purpose);
  const blocking = await connect(url, { waits: true }, packages);
  const plain = await connect(url, { waits: true }, packages);
  await store.create(
    `class/${own.id}`,
    new Map([['class.json', new TextEncoder().encode(JSON.stringify(own))]]),
  );
  const storeOf = storesByKind(store, plain);
  const inputs = join(host.cacheFolder(), 'inputs');
  const engine = processEngine({ workers: 1, store, maxAttempts: 1 });
  const id = `${hostname()}-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  let [done, begun, busySeconds] = [0, 0, 0];
  let note: JobNote | undefined;
  let lastFetch = Date.now();
  const since = Date.now();
  const record = (): WorkerRecord => ({
    ...{ id, host: hostname(), pid: process.pid, machineClass: own, since, done, busySeconds },
    ...(purpose !== undefined && { purpose }),
    ...(note && { job: note }),
  });
  let end: WorkerEnd | undefined;
  let endNow: (why: WorkerEnd) => void = () => {};
  const ended = new Promise<WorkerEnd>((resolve) => {
    endNow = (why) => {
      end ??= why;
      resolve(end);
    };
  });

  async function process_(
    job: Job,
    token: string | undefined,
    lost: AbortSignal | undefined,
  ): Promise<string> {
    const queued = queuedWorkSchema.parse(job.data);
    const { key, kind, label } = queued;
    const place = storeOf(kind);
    const start = performance.now();
    begun++;
    lastFetch = Date.now();
    note = { key, label, since: Date.now() };
    void writeWorker(plain, record()).catch(() => {});
    onEvent({ type: 'begin', label, attempt: job.attemptsMade + 1 });
    const finish = (kept: boolean) => {
      const seconds = (performance.now() - start) / 1000;
      done++;
      busySeconds += seconds;
      onEvent({ type: 'done', label, seconds, kept });
      return 'done';
    };
    const stop = AbortSignal.any([...(lost ? [lost] : []), ...(signal ? [signal] : [])]);
    try {
      if (await inStore(() => place.has(resultName(kind, key)))) return finish(true);
      const work = await inStore(() => workOfQueue(queued, place, inputs));
      const files = await engine.run(work, {
        signal: stop,
        onEvent: (event) => {
          const told = event as JobEvent;
          if (told.type === 'progress' && note) {
            const { stage, done: count, total, loss } = told;
            note = { ...note, progress: { stage, done: count, total, ...(loss !== undefined && { loss }) } };
          }
          if (told.type === 'resumed') onEvent({ type: 'resumed', label, step: told.step });
        },
      });
      if (lost?.aborted) throw lost.reason;
      await inStore(() =>
        keepResult(place, queued, files, (message) => onEvent({ type: 'warning', message })),
      );
      if (place === store) await forgetWork(store, queued).catch(() => {});
      return finish(false);
    } catch (error) {
      if (signal?.aborted && !lost?.aborted) {
        await job.moveToWait(token);
        onEvent({ type: 'given back', label });
        throw new bullmq.WaitingError();
      }
      if (lost?.aborted) {
        onEvent({
          type: 'warning',
          message: say`${label}: the lock was lost, another worker has it; stopped`,
        });
        throw new Error(say`the lock was lost`);
      }
      onEvent({ type: 'failed', label, message: (error as Error).message });
      if (error instanceof StoreError) {
        onEvent({
          type: 'warning',
          message: say`nothing is taken for ${pauseAfterStore / 1000} s: the store fails`,
        });
        await pause();
      }
      const reason = JSON.stringify(errorAsJson(error));
      // What a process died of, or a store that is away, may be over; the rest would fail again.
      const mayPass = error instanceof ProcessEndedError || error instanceof StoreError || isDeath(error);
      throw mayPass ? new Error(reason) : new bullmq.UnrecoverableError(reason);
    } finally {
      note = undefined;
      lastFetch = Date.now();
      if (begun >= maxJobs) endNow('enough');
    }
  }

  function start(): Worker {
    const worker = new bullmq.Worker(name, process_, {
      connection: blocking,
      prefix: keyPrefix,
      concurrency: 1,
      lockDuration,
      stalledInterval: Math.max(500, Math.round(lockDuration / 3)),
      maxStalledCount: maxDeaths,
      removeOnComplete: { count: 0 },
      removeOnFail: { age: 7 * 24 * 3600, count: 1000 },
    });
    // Nothing else stops what has lost its lock.
    worker.on('lockRenewalFailed', (ids) => {
      for (const lostId of ids) worker.cancelJob(lostId, say`the lock was lost`);
    });
    worker.on('error', () => {}); // connections come back; looks at the queue tell whether they do
    return worker;
  }
  let worker = start();
  let replaced = false;

  async function pause(): Promise<void> {
    await worker.pause(true);
    void sleep(pauseAfterStore, undefined, { ref: false }).then(() => worker.resume());
  }

  /** Signs of life, and whether work is fetched at all (taskforcesh/bullmq#4585). */
  const queue = new bullmq.Queue(name, { connection: plain, prefix: keyPrefix });
  queue.on('error', () => {});
  const beat = async () => {
    while (end === undefined) {
      await within(signEvery * 1000, ended);
      if (end !== undefined) return;
      await within(signEvery * 1000, writeWorker(plain, record())).catch(() => {});
      if (note) {
        lastFetch = Date.now();
        continue;
      }
      const idle = Date.now() - lastFetch;
      if (idle > maxIdle) endNow('idle');
      if (idle < stuckAfter || worker.isPaused()) continue;
      const waiting = await within(signEvery * 1000, queue.getWaitingCount()).catch(() => undefined);
      if (!waiting) continue;
      if (replaced) return endNow('stuck');
      replaced = true;
      lastFetch = Date.now();
      onEvent({ type: 'warning', message: say`jobs wait and none is fetched; connecting anew` });
      await worker.close(true).catch(() => {});
      worker = start();
    }
  };
  const beating = beat();

  const stop = () => endNow('stopped');
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  onEvent({ type: 'ready', queue: name, record: record() });
  await writeWorker(plain, record()).catch(() => {});
  try {
    return await ended;
  } finally {
    signal?.removeEventListener('abort', stop);
    await beating.catch(() => {});
    await within(20_000, worker.close()).catch(() => {});
    await within(1000, removeWorker(plain, id)).catch(() => {});
    await queue.close().catch(() => {});
    await engine.close();
    for (const client of [blocking, plain]) client.disconnect();
  }
}

/** The store failed, not the work. */
class StoreError extends PromptuneError {
  override readonly name = 'StoreError';
}

async function inStore<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (!(cause instanceof PromptuneError)) throw cause;
    throw new StoreError(cause.message, { code: cause.code, cause });
  }
}

/** The engine gives up at the first death of a process; the queue tries again. */
const isDeath = (error: unknown) =>
  error instanceof PromptuneError && error.cause instanceof ProcessEndedError;
