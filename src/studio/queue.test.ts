import { expect, it, vi } from 'vitest';
import { PromptuneError } from '../errors.js';
import type { QueueAdmin, QueueStatus } from '../workspace/index.js';
import { queueName } from '../workspace/queue/connect.js';
import { queueSchema } from './api/index.js';
import { StudioQueue } from './queue.js';

const machineClass = { id: 'c1' } as QueueStatus['workers'][number]['machineClass'];
const name = queueName('c1');
const status: QueueStatus = {
  queues: [{ name, waiting: 4, running: 1, lost: 1, failed: 1, secondsLeft: 90 }],
  workers: [
    {
      ...{ id: 'w1', host: 'here', pid: 7, machineClass, since: 1000, done: 3, busySeconds: 30 },
      job: {
        ...{ key: 'k', label: 'lora-all-seed-0', since: 2000 },
        progress: { stage: 'training', done: 2, total: 8, loss: 1.5 },
      },
    },
    { ...{ id: 'w2', host: 'there', pid: 8, machineClass, since: 1000, done: 2 } },
    { ...{ id: 'w3', host: 'else', pid: 9, machineClass: { ...machineClass, id: 'c2' }, since: 0, done: 9 } },
  ],
};
const failed = [{ queue: name, key: 'f', label: 'lora-50-seed-1', message: 'no room', at: 5000 }];

const adminWith = (more: Partial<QueueAdmin> = {}): QueueAdmin => ({
  status: async () => status,
  failed: async () => failed,
  retry: async () => 1,
  clear: async () => 0,
  close: async () => {},
  ...more,
});

it('tells queues with their workers, what these do, and what failed, but no address', async () => {
  const queue = new StudioQueue('redis://:secret@here', async () => adminWith());
  const seen = queueSchema.parse(await queue.look());
  expect(seen.queues).toEqual([{ ...status.queues[0], workers: 2, done: 5 }]);
  expect(seen.workers[0]).toEqual({
    ...{ id: 'w1', host: 'here', pid: 7, machineClass: 'c1', since: 1000, done: 3 },
    job: { label: 'lora-all-seed-0', since: 2000, stage: 'training', done: 2, total: 8, loss: 1.5 },
  });
  expect(seen.failed).toEqual(failed);
  expect(JSON.stringify(seen)).not.toContain('secret');
  expect(await queue.retry()).toBe(1);
});

it('opens one connection, and another after it failed', async () => {
  const close = vi.fn(async () => {});
  const open = vi
    .fn<() => Promise<QueueAdmin>>()
    .mockRejectedValueOnce(new PromptuneError('cannot be reached', { code: 'unavailable' }))
    .mockResolvedValueOnce(adminWith({ status: () => Promise.reject(new Error('closed')), close }))
    .mockResolvedValue(adminWith({ close }));
  const queue = new StudioQueue('redis://here', open);
  await expect(queue.look()).rejects.toThrow('cannot be reached');
  await expect(queue.look()).rejects.toThrow('closed');
  await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1));
  await Promise.all([queue.look(), queue.look()]);
  expect(open).toHaveBeenCalledTimes(3);
  await queue.close();
  expect(close).toHaveBeenCalledTimes(2);
});

it('does not wait for ever', async () => {
  vi.useFakeTimers();
  const queue = new StudioQueue('redis://here', async () =>
    adminWith({ status: () => new Promise(() => {}) }),
  );
  const looking = expect(queue.look()).rejects.toThrow('the queue does not answer');
  await vi.advanceTimersByTimeAsync(6000);
  await looking;
  vi.useRealTimers();
});
