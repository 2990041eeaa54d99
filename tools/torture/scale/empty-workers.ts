/** @file A process with many workers that do nothing: `empty-workers.ts REDIS-URL COUNT`. It says how much they did. */
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { keyPrefix, queueName } from '../../../src/workspace/queue/connect.js';

const [url, count] = process.argv.slice(2);
const connection = new Redis(url!, { maxRetriesPerRequest: null });
let done = 0;
const options = { connection, prefix: keyPrefix, concurrency: 1, lockDuration: 15_000 };
const workers = Array.from(
  { length: Number(count) },
  () =>
    new Worker(queueName('overhead'), async () => void done++, {
      ...options,
      removeOnComplete: { count: 0 },
    }),
);
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
setInterval(() => process.send!(done), 50);
process.once('disconnect', () => process.exit(0));
