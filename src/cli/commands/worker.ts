/** @file `promptune worker`: computes what a queue has, until it is stopped. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { said, say } from '../../say.js';
import {
  openStore,
  type QueueWorkerOptions,
  runQueueWorker,
  type WorkerEvent,
} from '../../workspace/index.js';
import { helpText } from '../messages/index.js';
import { countingNumber, decimalNumber } from '../options/arguments.js';
import { queueOptions, storeOption, urlOf } from '../options/distribution-options.js';
import { addOptions, type DeviceFlags, deviceOptions } from '../options/model-options.js';
import { formatDuration } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface WorkerFlags extends DeviceFlags {
  queue?: string | true;
  for?: string;
  store?: string | true;
  maxJobs?: number;
  maxIdle?: number;
  lock?: number;
  maxDeaths?: number;
  json?: boolean;
}

export const workerCommand = new Command('worker')
  .description('compute cells, batches and rows that other commands put into a queue')
  .addHelpText(
    'after',
    () =>
      `\n${helpText('On SIGTERM and Ctrl-C, a worker gives the job at hand back, with its progress in the store.\nExit code 75: it could no longer fetch jobs; start it again.')}`,
  )
  .action(runWorker);

/** Seconds, from a number with a unit. */
function duration(written: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(written) ?? [];
  if (number === undefined) throw new InvalidArgumentError(say`Expected a time, such as 90s, 10m or 2h.`);
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
}

addOptions(workerCommand, 'Queue:', [...queueOptions(), storeOption()]);
addOptions(workerCommand, 'End:', [
  new Option('--max-idle <time>', 'end after so long without a job, such as 10m (default: never)').argParser(
    duration,
  ),
  new Option('--max-jobs <n>', 'end after so many jobs (default: never)').argParser(countingNumber),
]);
addOptions(workerCommand, 'Deaths:', [
  new Option(
    '--lock <seconds>',
    'seconds until the job of a dead worker goes to another, the same for all workers (default: 15)',
  ).argParser(decimalNumber),
  new Option(
    '--max-deaths <n>',
    'give up a job that has ended more workers than this (default: 10)',
  ).argParser(countingNumber),
]);
addOptions(workerCommand, 'Device:', deviceOptions());
addOptions(workerCommand, 'Output:', [new Option('--json', 'print events as JSON objects, one per line')]);

async function runWorker(flags: WorkerFlags): Promise<void> {
  const { threads, device, maxJobs, maxIdle, lock, maxDeaths, json } = flags;
  const url = urlOf('queue', flags.queue);
  const store = openStore(urlOf('store', flags.store));
  const options: QueueWorkerOptions = {
    ...{ url, store, threads, device, purpose: flags.for, maxJobs, maxDeaths },
    ...(maxIdle !== undefined && { maxIdle: maxIdle * 1000 }),
    ...(lock !== undefined && { lockDuration: lock * 1000 }),
    signal: interruptSignal(),
    onEvent: (event) => (json ? console.log(JSON.stringify(event)) : printEvent(event)),
  };
  const end = await runQueueWorker(options);
  if (end === 'stuck') process.exitCode = 75;
  if (!json) console.log(said(ends[end]));
}

const ends = {
  stopped: 'Stopped',
  idle: 'Nothing to do',
  enough: 'Done as much as was asked for',
  stuck: 'No work can be fetched although some waits',
} as const;

function printEvent(event: WorkerEvent): void {
  if (event.type === 'failed') console.error(say`${event.label}: failed: ${event.message}`);
  else if (event.type === 'warning') console.error(event.message);
  else console.log(lineOf(event));
}

function lineOf(event: Exclude<WorkerEvent, { type: 'failed' | 'warning' }>): string {
  switch (event.type) {
    case 'ready': {
      const { id, platform, instructions, device, threads } = event.record.machineClass;
      const machine = say`${platform}, ${instructions}, ${device}, threads: ${threads}`;
      return say`Working on ${event.queue} (class ${id}: ${machine})`;
    }
    case 'begin':
      return event.attempt > 1
        ? say`${event.label}: begun, attempt ${event.attempt}`
        : say`${event.label}: begun`;
    case 'resumed':
      return say`${event.label}: goes on from step ${event.step}`;
    case 'done':
      return event.kept
        ? say`${event.label}: was there already`
        : say`${event.label}: done, ${formatDuration(event.seconds)}`;
    case 'given back':
      return say`${event.label}: given back`;
  }
}
