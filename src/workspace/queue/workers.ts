/** @file Which workers there are: those that gave a sign of life in the last seconds. */
import type { Redis } from 'ioredis';
import { goneAfter, type WorkerRecord, workerKey, workerPattern } from './messages.js';

export async function readWorkers(redis: Redis): Promise<WorkerRecord[]> {
  const keys: string[] = [];
  for (let cursor = '0'; ; ) {
    const [next, found] = await redis.scan(cursor, 'MATCH', workerPattern, 'COUNT', 1000);
    keys.push(...found);
    cursor = next;
    if (cursor === '0') break;
  }
  if (keys.length === 0) return [];
  const values = await redis.mget(keys);
  const records = values.flatMap((value): WorkerRecord[] => (value === null ? [] : [JSON.parse(value)]));
  return records.sort((a, b) => (a.host + a.id < b.host + b.id ? -1 : 1));
}

export const writeWorker = (redis: Redis, record: WorkerRecord): Promise<unknown> =>
  redis.set(workerKey(record.id), JSON.stringify(record), 'EX', goneAfter);

export const removeWorker = (redis: Redis, id: string): Promise<unknown> => redis.del(workerKey(id));
