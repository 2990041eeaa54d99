/** @file What the queue itself costs: empty jobs, with the settings of ours, for workers in several processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { workKey } from '../../../src/distribution/work-key.js';
import { keyPrefix, queueName } from '../../../src/workspace/queue/connect.js';
import { jobId, queuedWork } from '../../../src/workspace/queue/messages.js';

export interface QueueCost {
  readonly addedPerSecond: number;
  readonly bytesPerJob: number;
  readonly jobsPerSecond: number;
  /** Of Redis, in seconds of its processor's time. */
  readonly secondsPerJob: number;
  /** Part of a core that Redis uses while all workers wait. */
  readonly idleShare: number;
  /** How many the workers say they did, and what is left in the queue. */
  readonly done: number;
  readonly left: number;
}

/** Has as many jobs done by `workers`, divided among the processes. */
export async function queueCost(
  url: string,
  { jobs, workers, processes }: { jobs: number; workers: number; processes: number },
): Promise<QueueCost> {
  const client = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(queueName('overhead'), { connection: client, prefix: keyPrefix });
  const info = async (section: string, field: string) =>
    Number(new RegExp(`^${field}:([0-9.]+)`, 'm').exec(await client.info(section))?.[1]);
  const cpuSeconds = async () => (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys'));
  const seconds = (since: number) => (performance.now() - since) / 1000;
  const children: ChildProcess[] = [];
  try {
    const before = await info('memory', 'used_memory');
    const adding = performance.now();
    for (let at = 0; at < jobs; at += 500)
      await queue.addBulk(Array.from({ length: Math.min(500, jobs - at) }, (_, i) => emptyJob(at + i)));
    const addedPerSecond = jobs / seconds(adding);
    const bytesPerJob = ((await info('memory', 'used_memory')) - before) / jobs;

    await queue.pause();
    const counts: number[] = new Array(processes).fill(0);
    const ready = counts.map((_, i) => {
      const file = new URL('./empty-workers.ts', import.meta.url);
      const child = fork(file, [url, `${workers / processes}`], { execArgv: ['--import', 'tsx'] });
      children.push(child);
      return new Promise<void>((resolve, reject) => {
        child.once('close', (code) => reject(new Error(`a process of workers ended with ${code}`)));
        child.on('message', (done: number) => {
          counts[i] = done;
          resolve();
        });
      });
    });
    await Promise.all(ready);
    const done = () => counts.reduce((sum, count) => sum + count, 0);
    const cpu = await cpuSeconds();
    const working = performance.now();
    await queue.resume();
    while (done() < jobs) await sleep(20);
    const jobsPerSecond = jobs / seconds(working);
    const secondsPerJob = ((await cpuSeconds()) - cpu) / jobs;
    const idle = await cpuSeconds();
    await sleep(10_000);
    const idleShare = ((await cpuSeconds()) - idle) / 10;
    const left = await queue.getJobCountByTypes('wait', 'active', 'delayed', 'failed');
    return { addedPerSecond, bytesPerJob, jobsPerSecond, secondsPerJob, idleShare, done: done(), left };
  } finally {
    for (const child of children) child.removeAllListeners('close').kill('SIGKILL');
    await queue.close();
    client.disconnect();
  }
}

function emptyJob(number: number) {
  const key = workKey({ kind: 'empty', machineClass: '', contents: {}, settings: number });
  const data = queuedWork({ key, kind: 'empty', label: `empty-${number}`, input: {} });
  return { name: 'empty', data, opts: { jobId: jobId(key), attempts: 3, removeOnComplete: true } };
}
