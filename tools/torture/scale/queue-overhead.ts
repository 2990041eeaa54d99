/**
 * @file `npx tsx tools/torture/scale/queue-overhead.ts [--jobs 10000] [--workers 200] [--processes 2]`: a report of
 *   what the queue itself costs, with a Redis of its own.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, RedisServer } from '../redis-server.js';
import { queueCost } from './queue-cost.js';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '200' },
    processes: { type: 'string', default: '2' },
  },
});
const [jobs, workers, processes] = [values.jobs, values.workers, values.processes].map(Number) as [
  number,
  number,
  number,
];
const folder = await mkdtemp(join(tmpdir(), 'promptune-overhead-'));
const redis = new RedisServer(join(folder, 'redis'), await freePort());
await redis.start();
try {
  const cost = await queueCost(redis.url, { jobs, workers, processes });
  console.log(`${jobs} jobs added, ${Math.round(cost.addedPerSecond)} per second`);
  console.log(`${Math.round(cost.bytesPerJob)} bytes of Redis per job`);
  console.log(`${workers} workers in ${processes} processes: ${Math.round(cost.jobsPerSecond)} jobs/s`);
  console.log(`${(1e6 * cost.secondsPerJob).toFixed(0)} µs of Redis' CPU per job`);
  console.log(`${(100 * cost.idleShare).toFixed(1)} % of a core while ${workers} workers wait`);
  console.log(`load of the machine: ${(await readFile('/proc/loadavg', 'utf8').catch(() => '')).trim()}`);
} finally {
  await redis.kill();
  await rm(folder, { recursive: true, force: true });
}
