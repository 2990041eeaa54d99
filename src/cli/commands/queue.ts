/** @file `promptune queue`: what waits, runs and failed in a queue, and who works on it. */
import { Command, Option } from 'commander';
import { say } from '../../say.js';
import {
  type JobNote,
  openQueueAdmin,
  type QueueAdmin,
  type QueueStatus,
  queueMetrics,
  workersOf,
} from '../../workspace/index.js';
import { urlOf } from '../options/distribution-options.js';
import { addOptions } from '../options/model-options.js';
import { formatDuration } from '../terminal/format.js';
import { printTable } from '../terminal/text-table.js';

interface QueueFlags {
  queue?: string | true;
  json?: boolean;
}

export const queueCommand = new Command('queue').description(
  'look at a queue of jobs: what waits, runs and failed, and which workers there are',
);

function subcommand(
  name: string,
  description: string,
  run: (admin: QueueAdmin, flags: QueueFlags) => Promise<void>,
  output = [new Option('--json', 'print JSON')],
): void {
  const command = new Command(name).description(description).action(async (flags: QueueFlags) => {
    const admin = await openQueueAdmin(urlOf('queue', flags.queue));
    try {
      await run(admin, flags);
    } finally {
      await admin.close();
    }
  });
  addOptions(command, 'Queue:', [
    new Option('--queue [url]', 'redis://host:port (default: PROMPTUNE_QUEUE)'),
    ...output,
  ]);
  queueCommand.addCommand(command);
}

const print = (json: boolean | undefined, value: unknown, text: string) =>
  console.log(json ? JSON.stringify(value) : text);

subcommand('status', 'count what waits, runs and failed, and list the workers', async (admin, { json }) => {
  const status = await admin.status();
  if (json) console.log(JSON.stringify(status));
  else printStatus(status);
});

subcommand(
  'metrics',
  'print the status as metrics for Prometheus',
  async (admin) => {
    process.stdout.write(queueMetrics(await admin.status()));
  },
  [],
);

subcommand('failed', 'list jobs that failed, and why', async (admin, { json }) => {
  const failed = await admin.failed();
  if (json) return console.log(JSON.stringify(failed));
  if (failed.length === 0) console.log(say`Nothing failed`);
  for (const { label, message } of failed) console.log(say`${label}: ${message}`);
});

subcommand('retry', 'put all jobs that failed back into the queue', async (admin, { json }) => {
  const retried = await admin.retry();
  print(json, { retried }, say`${retried} job|jobs waits|wait again`);
});

subcommand(
  'clear',
  'remove all jobs that no worker has at hand; results in stores stay',
  async (admin, { json }) => {
    const removed = await admin.clear();
    print(json, { removed }, say`${removed} job|jobs removed`);
  },
);

function printStatus({ queues, workers }: QueueStatus): void {
  if (queues.length === 0) console.log(say`There are no queues`);
  else
    printTable([
      [say`queue`, say`waiting`, say`running`, say`lost`, say`failed`, say`workers`, say`time left`],
      ...queues.map((queue) => [
        queue.name,
        ...[queue.waiting, queue.running, queue.lost, queue.failed].map(String),
        String(workersOf(queue, workers).length),
        queue.secondsLeft === undefined ? '' : say`about ${formatDuration(queue.secondsLeft)}`,
      ]),
    ]);
  console.log(workers.length === 0 ? `\n${say`No worker is connected`}` : '');
  if (workers.length === 0) return;
  const age = (since: number) => formatDuration((Date.now() - since) / 1000);
  printTable([
    [say`worker`, say`class`, say`done`, say`at work on`, say`for`],
    ...workers.map(({ host, pid, machineClass, done, job }) => [
      `${host} ${pid}`,
      machineClass.id,
      String(done),
      job ? [job.label, ...progressParts(job)].join(', ') : '',
      job ? age(job.since) : '',
    ]),
  ]);
}

function progressParts({ progress }: JobNote): string[] {
  if (!progress) return [];
  const { stage, done, total, loss } = progress;
  return [`${stage} ${done} of ${total}`, ...(loss === undefined ? [] : [`loss ${loss.toPrecision(4)}`])];
}
