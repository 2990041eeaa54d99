import { expect, it } from 'vitest';
import type { WorkerRecord } from './messages.js';
import { queueMetrics } from './queue-metrics.js';
import { type QueueCounts, secondsLeft } from './queue-status.js';

const counts = { name: 'promptune-1-abc', waiting: 6, running: 2, lost: 1, failed: 0 };
const machineClass = { id: 'abc' } as WorkerRecord['machineClass'];
const record = (id: string, others: Partial<WorkerRecord> = {}): WorkerRecord => ({
  ...{ id, host: 'h', pid: 1, machineClass, since: 0, done: 0 },
  ...others,
});
const now = 1_000_000;
const workers = [
  record('a', {
    ...{ done: 3, busySeconds: 60 },
    job: {
      ...{ key: '', label: 'lora-seed-1', since: now - 5000 },
      progress: { stage: 'training', done: 30, total: 120, loss: 0.125 },
    },
  }),
  record('b', { done: 1, busySeconds: 20, job: { key: '', label: '', since: now - 30_000 } }),
  // Of other queues.
  record('c', { done: 1, busySeconds: 999, purpose: 'big' }),
  record('d', { done: 1, busySeconds: 999, machineClass: { ...machineClass, id: 'abd' } }),
];

it('estimates what is left from how long tasks took, those at hand, and the workers of the queue', () => {
  // 7 that were not begun take 20 s each, one has 15 s to go, and one took longer than usual already: 155 s for two.
  expect(secondsLeft(counts, workers, now)).toBe(77.5);
  expect(secondsLeft({ ...counts, name: 'promptune-1-abc-big' }, workers, now)).toBe(7 * 999);
});

it('does not estimate without a worker, or before one has done something', () => {
  expect(secondsLeft(counts, [], now)).toBeUndefined();
  expect(secondsLeft(counts, [record('a')], now)).toBeUndefined();
  // A worker of an earlier version does not say how long it took.
  expect(secondsLeft(counts, [record('a', { done: 3 })], now)).toBeUndefined();
});

it('metrics have the counts of each queue and what each worker does', () => {
  const queue: QueueCounts = { ...counts, secondsLeft: 77.5 };
  const lines = queueMetrics({ queues: [queue], workers: workers.slice(0, 2) }).split('\n');
  for (const line of [
    'promptune_queue_works{queue="promptune-1-abc",state="waiting"} 6',
    'promptune_queue_workers{queue="promptune-1-abc"} 2',
    'promptune_queue_seconds_left{queue="promptune-1-abc"} 78',
    'promptune_worker_works_done_total{worker="a"} 3',
    'promptune_worker_work_progress{worker="a",work="lora-seed-1",stage="training"} 0.25',
    'promptune_worker_work_loss{worker="a",work="lora-seed-1",stage="training"} 0.125',
  ])
    expect(lines).toContain(line);
  for (const line of lines)
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+\{\w+="[^"]+"(,\w+="[\w-]+")*\} [\d.]+|)$/);
});
