/** @file Options of where work is computed: processes here, a share of it, workers elsewhere; and a store. */
import { Option } from 'commander';
import { UsageError } from '../../index.js';
import type { Device } from '../../runtime/index.js';
import {
  type Engine,
  machineClass,
  openStore,
  processEngine,
  queueEngine,
  type Share,
  type Store,
} from '../../workspace/index.js';
import { countingNumber, share } from './arguments.js';

export interface DistributionFlags {
  workers?: number;
  part?: Share;
  queue?: string;
  for?: string;
  store?: string;
  class?: string;
}

const workersOption = () =>
  new Option('--workers <n>', 'processes of this machine that work at once (default: 1)').argParser(
    countingNumber,
  );

export const storeOption = () =>
  new Option(
    '--store <url>',
    'where results are kept for all machines: a folder that they share, or s3://bucket/prefix; also PROMPTUNE_STORE (default: none)',
  );

export const queueOptions = () => [
  new Option(
    '--queue <url>',
    'a queue at redis://host:port, whose workers compute; also PROMPTUNE_QUEUE (default: none)',
  ),
  new Option('--for <name>', 'workers of this purpose alone, such as big-memory (default: those of none)'),
];

/** For commands whose work is pieces of one thing. */
export const piecesOptions = () => [workersOption(), ...queueOptions(), storeOption()];

export const distributionOptions = () => [
  ...piecesOptions(),
  new Option(
    '--part <k/n>',
    'compute this share alone, such as 3/100, into the store; without it the same command gathers all (default: all)',
  ).argParser(share),
  new Option(
    '--class <id>',
    'the class of machines whose results are wanted (default: that of this machine)',
  ),
];

export interface OpenedDistribution {
  /** Computes what can be divided. Undefined where this process does. */
  readonly engine?: Engine;
  readonly options: {
    readonly workers?: number;
    readonly part?: Share;
    readonly store?: Store;
    readonly machineClass?: string;
  };
  close(): Promise<void>;
}

/** The queue and the store, of which the environment may have those that contain passwords. */
export function placesOf(flags: Pick<DistributionFlags, 'queue' | 'store'>): {
  queue?: string;
  store?: Store;
} {
  const url = flags.store ?? (process.env.PROMPTUNE_STORE || undefined);
  const queue = flags.queue ?? (process.env.PROMPTUNE_QUEUE || undefined);
  return { ...(queue !== undefined && { queue }), ...(url !== undefined && { store: openStore(url) }) };
}

/**
 * Opens what the flags name.
 * @param where what the works are computed with, which is part of the class of machines
 */
export async function openDistribution(
  flags: DistributionFlags,
  { threads = 1, device }: { threads?: number; device?: Device } = {},
): Promise<OpenedDistribution> {
  const { workers = 1, part } = flags;
  const { queue, store } = placesOf(flags);
  if (queue === undefined) {
    if (flags.for !== undefined) throw new UsageError('--for requires --queue');
    const engine = workers > 1 ? processEngine({ workers }) : undefined;
    const options = { workers, part, store, machineClass: flags.class };
    return { engine, options, close: async () => engine?.close() };
  }
  if (part) throw new UsageError('--part and --queue cannot be used together: the workers share the works');
  if (workers > 1) throw new UsageError('--workers and --queue cannot be used together: start more workers');
  if (!store) throw new UsageError('--queue requires --store, where the workers put their results');
  const id = flags.class ?? (await machineClass({ threads, device })).id;
  const onWarning = (message: string) => console.error(message);
  const engine = await queueEngine({ url: queue, store, machineClass: id, purpose: flags.for, onWarning });
  return { engine, options: { store, machineClass: id }, close: () => engine.close() };
}
