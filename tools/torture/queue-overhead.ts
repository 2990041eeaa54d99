/**
 * @file `npx tsx tools/torture/queue-overhead.ts [--jobs 10000] [--workers 200]`: what the queue itself costs. Empty
 *   jobs through the settings of ours, with a Redis of its own: jobs a second, its CPU, its bytes a job. A report, and
 *   no test.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { workKey } from '../../src/distribution/work-key.js';
import { keyPrefix, queueName } from '../../src/workspace/queue/connect.js';
import { jobId, queuedWork } from '../../src/workspace/queue/messages.js';
import { freePort, RedisServer } from './redis-server.js';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '10000' }, workers: { type: 'string', default: '200' } },
});
const [jobs, workers] = [Number(values.jobs), Number(values.workers)];
const folder = await mkdtemp(join(tmpdir(), 'promptune-overhead-'));
const redis = new RedisServer(join(folder, 'redis'), await freePort());
await redis.start();
const connect = () => new Redis(redis.url, { maxRetriesPerRequest: null });
const client = connect();
const name = queueName('overhead');
const queue = new Queue(name, { connection: client, prefix: keyPrefix });

const info = async (section: string, field: string) =>
  Number(new RegExp(`^${field}:([0-9.]+)`, 'm').exec(await client.info(section))?.[1]);
const cpuSeconds = async () => (await info('cpu', 'used_cpu_user')) + (await info('cpu', 'used_cpu_sys'));
const seconds = (since: number) => (performance.now() - since) / 1000;

const before = await info('memory', 'used_memory');
const adding = performance.now();
for (let at = 0; at < jobs; at += 500)
  await queue.addBulk(
    Array.from({ length: Math.min(500, jobs - at) }, (_, i) => {
      const key = workKey({ kind: 'empty', machineClass: '', contents: {}, settings: at + i });
      const data = queuedWork({ key, kind: 'empty', label: `empty-${at + i}`, input: {} });
      return { name: 'empty', data, opts: { jobId: jobId(key), attempts: 3, removeOnComplete: true } };
    }),
  );
console.log(`${jobs} jobs added in ${seconds(adding).toFixed(1)} s`);
console.log(`${Math.round(((await info('memory', 'used_memory')) - before) / jobs)} bytes of Redis a job`);

let done = 0;
const cpu = await cpuSeconds();
const working = performance.now();
const shared = connect();
const all = Array.from(
  { length: workers },
  () =>
    new Worker(
      name,
      async () => {
        done++;
      },
      {
        connection: shared,
        prefix: keyPrefix,
        concurrency: 1,
        lockDuration: 15_000,
        removeOnComplete: { count: 0 },
      },
    ),
);
while (done < jobs) await new Promise((resolve) => setTimeout(resolve, 20));
const took = seconds(working);
const used = (await cpuSeconds()) - cpu;
console.log(`${workers} workers in one process: ${Math.round(jobs / took)} jobs/s`);
console.log(
  `${((used / jobs) * 1e6).toFixed(0)} µs of Redis' CPU a job; ${((100 * used) / took).toFixed(0)} % of a core`,
);
const idle = await cpuSeconds();
await new Promise((resolve) => setTimeout(resolve, 10_000));
console.log(`${(10 * ((await cpuSeconds()) - idle)).toFixed(1)} % of a core while ${workers} workers wait`);
const status = await readFile('/proc/loadavg', 'utf8').catch(() => '');
console.log(`load of the machine: ${status.trim()}`);

await Promise.all(all.map((worker) => worker.close(true)));
await queue.close();
for (const each of [client, shared]) each.disconnect();
await redis.kill();
await rm(folder, { recursive: true, force: true });
process.exit(0);
