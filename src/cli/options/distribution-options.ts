/** @file Options of where work is computed: processes here, a share of it, workers elsewhere; and a store. */
import { Option } from 'commander';
import { UsageError } from '../../index.js';
import type { Device } from '../../runtime/index.js';
import { said, say } from '../../say.js';
import {
  type Engine,
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
  /** True where the environment has it. */
  queue?: string | true;
  for?: string;
  store?: string | true;
  class?: string;
}

const workersOption = () =>
  new Option('--workers <n>', 'processes of this machine that work at once (default: 1)').argParser(
    countingNumber,
  );

export const storeOption = () =>
  new Option(
    '--store [url]',
    'where results are kept for all machines: a folder that they share, or s3://bucket/prefix; without a value, and with --queue or --part: PROMPTUNE_STORE (default: none)',
  );

export const queueOptions = () => [
  new Option(
    '--queue [url]',
    'a queue at redis://host:port, whose workers compute; without a value: PROMPTUNE_QUEUE (default: none)',
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

/**
 * The URL of a queue or a store: of the flag, or of the environment, which does not show passwords to other users.
 * @throws UsageError where neither has it
 */
export function urlOf(flag: 'queue' | 'store', given: string | true | undefined): string {
  const variable = `PROMPTUNE_${flag.toUpperCase()}`;
  const url = typeof given === 'string' ? given : process.env[variable];
  if (url) return url;
  const example = flag === 'queue' ? 'redis://HOST:PORT' : say`a folder or s3://BUCKET/PREFIX`;
  throw new UsageError(say`there is no ${said(flag)}; add --${flag} with ${example}, or set ${variable}`);
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
  const isShared = flags.store !== undefined || flags.queue !== undefined || part !== undefined;
  const store = isShared ? openStore(urlOf('store', flags.store)) : undefined;
  if (flags.queue === undefined) {
    if (flags.for !== undefined) throw new UsageError(say`--for requires --queue`);
    const engine = workers > 1 ? processEngine({ workers }) : undefined;
    const options = { workers, part, store, machineClass: flags.class };
    return { engine, options, close: async () => engine?.close() };
  }
  if (part) throw new UsageError(say`--part and --queue cannot be used together: the workers share the jobs`);
  if (workers > 1)
    throw new UsageError(say`--workers and --queue cannot be used together: start more workers`);
  const url = urlOf('queue', flags.queue);
  const onWarning = (message: string) => console.error(message);
  const where = { machineClass: flags.class, threads, device, purpose: flags.for };
  const engine = await queueEngine({ url, store: store!, ...where, onWarning });
  return { engine, options: { store, machineClass: engine.machineClass }, close: () => engine.close() };
}
