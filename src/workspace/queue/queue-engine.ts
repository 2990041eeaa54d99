/**
 * @file Works by workers elsewhere, which take them from a queue of BullMQ. The queue is a list of what is wanted and
 *   nothing more: results come from the store, and if the queue is lost, what is missing is put into a new one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { resultName, type Store } from '../../distribution/store.js';
import { type QueueSight, Tracker, type TrackerAction } from '../../distribution/tracker.js';
import type { Engine, ResultFiles, RunWorkOptions, Work } from '../../distribution/work.js';
import { PromptuneError } from '../../errors.js';
import type { Device } from '../../runtime/index.js';
import { say } from '../../say.js';
import { machineClass as machineClassOf } from '../distribution/machine-class.js';
import { uploadInputs } from '../distribution/portable-files.js';
import { errorFromJson, type JobError } from '../jobs/job-error.js';
import { connect, keyPrefix, loadPackages, type QueuePackages, queueName } from './connect.js';
import { copyId, jobId, keyOfJob, queuedWork } from './messages.js';
import { queueInput } from './queue-input.js';
import { storesByKind } from './redis-store.js';
import { within } from './within.js';
import { readWorkers } from './workers.js';

export interface QueueEngineOptions {
  /** `redis://HOST:PORT`, or `rediss://`. */
  url: string;
  store: Store;
  /**
   * The id of the class of machines whose workers may take the works. Default: that of this machine, with `threads`
   * (default 1) on `device` (default `cpu`).
   */
  machineClass?: string;
  threads?: number;
  device?: Device;
  /** Only workers that were started for this purpose. Default: those for none. */
  purpose?: string;
  /** How often a work is begun whose process dies. Default 3. */
  attempts?: number;
  /** Milliseconds before a work whose process died is begun again. Default 10,000. */
  backoff?: number;
  /** Milliseconds between two looks at the queue; workers that finish are heard of at once. Default 2,000. */
  lookEvery?: number;
  /** Called with what users should know: nobody works on this, or the queue is away. */
  onWarning?: (message: string) => void;
}

/** How long there may be no worker, and no queue, before it is said, in milliseconds. */
const sayAfter = 15_000;
const sayAwayAfter = 10_000;

interface Wanted {
  readonly work: Work;
  readonly options: RunWorkOptions;
  resolve(files: ResultFiles): void;
  reject(error: unknown): void;
}

/**
 * Has work done by the workers of a queue.
 * @throws PromptuneError if the queue cannot be reached or used
 */
export async function queueEngine(options: QueueEngineOptions): Promise<Engine> {
  const { url, store, threads = 1, device, purpose, lookEvery = 2000, onWarning = () => {} } = options;
  const [machineClass, [packages, redis, events]] = await Promise.all([
    options.machineClass ?? machineClassOf({ threads, device }).then(({ id }) => id),
    connectTwice(url),
  ]);
  const name = queueName(machineClass, purpose);
  const { bullmq } = packages;
  const queue: Queue = new bullmq.Queue(name, { connection: redis, prefix: keyPrefix });
  const hints: QueueEvents = new bullmq.QueueEvents(name, { connection: events, prefix: keyPrefix });
  // Looks tell of errors.
  queue.on('error', () => {});
  hints.on('error', () => {});
  const storeOf = storesByKind(store, redis);
  const tracker = new Tracker();
  const wanted = new Map<string, Wanted>();
  const atHand = new Map<string, Promise<ResultFiles>>();
  let isClosed = false;
  let wake = () => {};
  for (const hint of ['completed', 'failed', 'active', 'stalled'] as const) hints.on(hint, () => wake());

  const add = async (work: Work, id: string) => {
    const job = await queueInput(queuedWork(work), storeOf(work.kind));
    await queue.add(work.kind, job, {
      jobId: id,
      attempts: options.attempts ?? 3,
      backoff: { type: 'fixed', delay: options.backoff ?? 10_000 },
      removeOnComplete: true,
      removeOnFail: { age: 7 * 24 * 3600, count: 1000 },
      stackTraceLimit: 0,
    });
  };

  async function act(action: TrackerAction): Promise<void> {
    const found = wanted.get(action.key);
    if (!found) return;
    const { work, options: own, resolve, reject } = found;
    switch (action.type) {
      case 'add': {
        // A job that failed earlier keeps its id, and another of that id would silently not be added.
        const earlier = await queue.getJob(jobId(work.key));
        if (earlier && (await earlier.isFailed())) await earlier.remove();
        return add(work, jobId(work.key));
      }
      case 'copy':
        return add(work, copyId(work.key));
      case 'state':
        return own.onState?.(action.state, action.state === 'lost' ? say`its worker is gone` : undefined);
      case 'failed':
        wanted.delete(work.key);
        return reject(failureOf(action.reason));
      case 'done': {
        wanted.delete(work.key);
        const files = await storeOf(work.kind).get(resultName(work.kind, work.key));
        for (const id of [jobId(work.key), copyId(work.key)]) await queue.remove(id).catch(() => {});
        return files
          ? resolve(files)
          : reject(new PromptuneError(say`${work.label}: its result is gone from the store`));
      }
    }
  }

  async function look(): Promise<void> {
    const sight = await sightOf(queue);
    const stored = new Set<string>();
    for (const key of tracker.toLookUp(sight)) {
      const work = wanted.get(key)?.work;
      if (work && (await storeOf(work.kind).has(resultName(work.kind, key)))) stored.add(key);
    }
    for (const action of tracker.look(performance.now(), sight, stored)) await act(action);
    const running = [...sight.running].filter((key) => wanted.get(key)?.options.onEvent);
    if (running.length > 0) await tellProgress(redis, running, wanted);
  }

  /** Looks until the engine is closed; a look that fails is repeated, since nothing depends on it. */
  async function watch(): Promise<void> {
    let awaySince: number | undefined;
    let aloneSince: number | undefined = performance.now();
    let [saidAway, saidAlone] = [false, false];
    while (!isClosed) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        if (wanted.size > 0) await look();
        if (saidAway) onWarning(say`the queue is back`);
        [awaySince, saidAway] = [undefined, false];
        if (wanted.size > 0 && !saidAlone) {
          const workers = await readWorkers(redis);
          const own = workers.filter(
            (worker) => worker.machineClass.id === machineClass && worker.purpose === purpose,
          );
          if (own.length > 0) aloneSince = undefined;
          else aloneSince ??= performance.now();
          if (aloneSince !== undefined && performance.now() - aloneSince > sayAfter) {
            saidAlone = true;
            onWarning(
              nobody(
                name,
                workers.map((worker) => worker.machineClass.id),
              ),
            );
          }
        }
      } catch (error) {
        if (isClosed) return;
        awaySince ??= performance.now();
        if (!saidAway && performance.now() - awaySince > sayAwayAfter) {
          saidAway = true;
          onWarning(say`the queue does not answer (${(error as Error).message}); it is waited for`);
        }
      }
      await within(lookEvery, woken, { ref: wanted.size > 0 });
      await sleep(20); // what comes together is seen in one look
    }
  }
  const watching = watch();

  return {
    atOnce: 1000,
    threads: 1,
    isElsewhere: true,
    machineClass,
    run(work, own = {}) {
      // The same work may be wanted twice at once: two equal batches, or two names for the same settings.
      const same = atHand.get(work.key);
      if (same) return same;
      const result = run(work, own).finally(() => atHand.delete(work.key));
      atHand.set(work.key, result);
      return result;
    },
    async close() {
      isClosed = true;
      wake();
      await watching;
      await hints.close().catch(() => {});
      await queue.close().catch(() => {});
      for (const client of [redis, events]) client.disconnect();
    },
  };

  async function run(work: Work, own: RunWorkOptions): Promise<ResultFiles> {
    await uploadInputs(work, storeOf(work.kind));
    own.signal?.throwIfAborted();
    const result = new Promise<ResultFiles>((resolve, reject) => {
      wanted.set(work.key, { work, options: own, resolve, reject });
    });
    // Workers go on with what they have: a command that is started again finds their results.
    const stop = () => {
      wanted.get(work.key)?.reject(own.signal!.reason);
      wanted.delete(work.key);
      tracker.forget(work.key);
    };
    own.signal?.addEventListener('abort', stop, { once: true });
    own.onState?.('waiting');
    try {
      for (const action of tracker.begin(work.key)) await act(action).catch(() => {}); // a look adds it again
      return await result;
    } finally {
      own.signal?.removeEventListener('abort', stop);
    }
  }
}

/** For commands, which fail if the server is away, and for events, which wait for it. */
async function connectTwice(url: string): Promise<[QueuePackages, Redis, Redis]> {
  const packages = await loadPackages();
  const redis = await connect(url, { waits: false }, packages);
  return [packages, redis, await connect(url, { waits: true }, packages)];
}

async function sightOf(queue: Queue): Promise<QueueSight> {
  const keys = async (...types: Parameters<Queue['getRanges']>[0]) =>
    new Set((await queue.getRanges(types, 0, -1)).map(keyOfJob));
  // In the order of a job's life, so that one that moves meanwhile is seen twice rather than not at all.
  const waiting = await keys('wait', 'prioritized', 'delayed');
  const running = await keys('active');
  const failed = new Map<string, string>();
  for (const job of await queue.getJobs(['failed'], 0, 999))
    if (job?.id !== undefined) failed.set(keyOfJob(job.id), job.failedReason);
  return { waiting, running, failed };
}

/** A job that failed says why as JSON, unless BullMQ itself gave it up. */
function failureOf(reason: string): PromptuneError {
  try {
    return errorFromJson(JSON.parse(reason) as JobError);
  } catch {
    const isPoison = /stalled more than/.test(reason);
    return new PromptuneError(
      isPoison ? say`given up: every worker that had it died` : reason || say`it failed`,
    );
  }
}

function nobody(name: string, classes: readonly string[]): string {
  const others = [...new Set(classes)];
  const found =
    others.length === 0
      ? say`none of any class is connected`
      : say`connected are those of ${others.join(', ')}`;
  return say`0 workers on ${name}; start one with promptune worker (${found})`;
}

/** Tells those who wait what the workers say of their works. */
async function tellProgress(redis: Redis, keys: readonly string[], wanted: ReadonlyMap<string, Wanted>) {
  const workers = await readWorkers(redis);
  for (const { host, job } of workers)
    if (job?.progress && keys.includes(job.key))
      wanted.get(job.key)?.options.onEvent?.({ type: 'progress', ...job.progress, of: host });
}
