/** @file What is in the queues, for `promptune queue`: counts, what workers do, what failed. */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connect, keyPrefix, loadPackages, type QueuePackages, queueName } from './connect.js';
import { keyOfJob, type WorkerRecord } from './messages.js';
import { readWorkers } from './workers.js';

export interface QueueCounts {
  readonly name: string;
  readonly waiting: number;
  readonly running: number;
  /** Of works whose process died, which wait to be begun again. */
  readonly lost: number;
  readonly failed: number;
  /** Estimated seconds until nothing waits or runs. Undefined before a worker has done something. */
  readonly secondsLeft?: number;
}

export interface FailedWork {
  readonly queue: string;
  readonly key: string;
  readonly label: string;
  readonly message: string;
  /** When it failed, in milliseconds since 1970. */
  readonly at: number | undefined;
}

export interface QueueStatus {
  readonly queues: readonly QueueCounts[];
  readonly workers: readonly WorkerRecord[];
}

/** All queues of a server. `close` it when done. */
export interface QueueAdmin {
  status(): Promise<QueueStatus>;
  failed(): Promise<FailedWork[]>;
  /** Puts failed works back. Returns how many. */
  retry(): Promise<number>;
  /** Removes all works that no worker has at hand; results in stores stay. Returns how many. */
  clear(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Looks at the queues of a server, and puts back or removes jobs.
 * @throws PromptuneError if the queue cannot be reached or used
 */
export async function openQueueAdmin(url: string): Promise<QueueAdmin> {
  const packages = await loadPackages();
  const redis = await connect(url, { waits: false }, packages);
  const opened = new Map<string, Queue>();
  const queues = async () => {
    for (const name of await namesOf(redis))
      if (!opened.has(name)) opened.set(name, openQueue(name, redis, packages));
    return [...opened.values()];
  };
  return {
    async status() {
      const workers = await readWorkers(redis);
      const counted: QueueCounts[] = [];
      for (const queue of await queues()) {
        const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
        const own = {
          name: queue.name,
          waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
          running: counts.active ?? 0,
          lost: counts.delayed ?? 0,
          failed: counts.failed ?? 0,
        };
        counted.push({ ...own, secondsLeft: secondsLeft(own, workers, Date.now()) });
      }
      return { queues: counted, workers };
    },
    async failed() {
      const found: FailedWork[] = [];
      for (const queue of await queues())
        for (const { id, data, failedReason, finishedOn } of await queue.getFailed(0, 999))
          found.push({
            queue: queue.name,
            key: keyOfJob(id!),
            label: data.label,
            message: messageOf(failedReason),
            at: finishedOn,
          });
      return found;
    },
    async retry() {
      let count = 0;
      for (const queue of await queues())
        for (const job of await queue.getFailed(0, 999)) {
          await job.retry();
          count++;
        }
      return count;
    },
    async clear() {
      let count = 0;
      for (const queue of await queues())
        for (const type of ['wait', 'prioritized', 'delayed', 'failed'] as const)
          count += (await queue.clean(0, 0, type)).length;
      return count;
    },
    async close() {
      for (const queue of opened.values()) await queue.close();
      redis.disconnect();
    },
  };
}

/** The workers that take from a queue. */
export const workersOf = ({ name }: Pick<QueueCounts, 'name'>, workers: readonly WorkerRecord[]) =>
  workers.filter(({ machineClass, purpose }) => queueName(machineClass.id, purpose) === name);

/**
 * What is left by what was done: each of the others takes as long as those did on average, and those at hand the rest
 * of that.
 * @param now milliseconds
 */
export function secondsLeft(
  counts: Pick<QueueCounts, 'name' | 'waiting' | 'lost'>,
  all: readonly WorkerRecord[],
  now: number,
): number | undefined {
  const workers = workersOf(counts, all);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const measured = workers.filter(({ busySeconds }) => busySeconds !== undefined);
  const done = sum(measured.map((worker) => worker.done));
  if (done === 0) return undefined;
  const each = sum(measured.map((worker) => worker.busySeconds!)) / done;
  const atHand = workers.flatMap(({ job }) => (job ? [Math.max(0, each - (now - job.since) / 1000)] : []));
  return ((counts.waiting + counts.lost) * each + sum(atHand)) / workers.length;
}

function openQueue(name: string, redis: Redis, { bullmq }: QueuePackages): Queue {
  const queue = new bullmq.Queue(name, { connection: redis, prefix: keyPrefix });
  queue.on('error', () => {});
  return queue;
}

/** BullMQ keeps a key `PREFIX:NAME:meta` for each queue. */
async function namesOf(redis: Redis): Promise<string[]> {
  const names = new Set<string>();
  for (let cursor = '0'; ; ) {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${keyPrefix}:promptune-*:meta`, 'COUNT', 1000);
    for (const key of keys) names.add(key.slice(keyPrefix.length + 1, -':meta'.length));
    cursor = next;
    if (cursor === '0') return [...names].sort();
  }
}

function messageOf(reason: string): string {
  try {
    return (JSON.parse(reason) as { message: string }).message;
  } catch {
    return reason;
  }
}
