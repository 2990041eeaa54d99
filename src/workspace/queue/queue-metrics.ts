/** @file The status of queues as metrics in Prometheus' text format, such as for node_exporter's textfile collector. */
import type { JobNote } from './messages.js';
import { type QueueStatus, workersOf } from './queue-status.js';

const states = ['waiting', 'running', 'lost', 'failed'] as const;

/** The state of queues and workers in the text format of Prometheus. */
export function queueMetrics({ queues, workers }: QueueStatus): string {
  const label = (queue: string) => `queue=${JSON.stringify(queue)}`;
  const lines = [
    ...metric('promptune_queue_works', 'gauge', 'Works by what becomes of them.'),
    ...queues.flatMap((queue) =>
      states.map((state) => `promptune_queue_works{${label(queue.name)},state="${state}"} ${queue[state]}`),
    ),
    ...metric('promptune_queue_workers', 'gauge', 'Workers that gave a sign of life within seconds.'),
    ...queues.map(
      (queue) => `promptune_queue_workers{${label(queue.name)}} ${workersOf(queue, workers).length}`,
    ),
    ...metric('promptune_queue_seconds_left', 'gauge', 'Estimated time until nothing waits or runs.'),
    ...queues.flatMap(({ name, secondsLeft }) =>
      secondsLeft === undefined
        ? []
        : [`promptune_queue_seconds_left{${label(name)}} ${Math.round(secondsLeft)}`],
    ),
    ...metric('promptune_worker_works_done_total', 'counter', 'Works that a worker has done.'),
    ...workers.map(
      ({ id, done }) => `promptune_worker_works_done_total{worker=${JSON.stringify(id)}} ${done}`,
    ),
    ...metric(
      'promptune_worker_work_seconds',
      'gauge',
      'How long a worker has been at its work; 0 without any.',
    ),
    ...workers.map(({ id, job }) => {
      const age = job ? Math.max(0, (Date.now() - job.since) / 1000) : 0;
      return `promptune_worker_work_seconds{worker=${JSON.stringify(id)}} ${Math.round(age)}`;
    }),
    ...metric(
      'promptune_worker_work_progress',
      'gauge',
      'Part of the stage that a worker is at, from 0 to 1.',
    ),
    ...workers.flatMap(({ id, job }) =>
      job?.progress
        ? [`promptune_worker_work_progress${ofWork(id, job)} ${job.progress.done / job.progress.total}`]
        : [],
    ),
    ...metric(
      'promptune_worker_work_loss',
      'gauge',
      'Loss of the last step of the cell that a worker trains.',
    ),
    ...workers.flatMap(({ id, job }) =>
      job?.progress?.loss === undefined
        ? []
        : [`promptune_worker_work_loss${ofWork(id, job)} ${job.progress.loss}`],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const ofWork = (worker: string, { label, progress }: JobNote) =>
  `{worker=${JSON.stringify(worker)},work=${JSON.stringify(label)},stage="${progress!.stage}"}`;

const metric = (name: string, type: 'gauge' | 'counter', help: string) => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
];
