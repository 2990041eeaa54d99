/** @file Options of where work is computed: processes of this machine, a share of it, a store. */
import { Option } from 'commander';
import { type Engine, openStore, processEngine, type Share, type Store } from '../../workspace/index.js';
import { countingNumber, share } from './arguments.js';

export interface DistributionFlags {
  workers?: number;
  part?: Share;
  store?: string;
  class?: string;
}

export const workersOption = () =>
  new Option('--workers <n>', 'processes of this machine that work at once (default: 1)').argParser(
    countingNumber,
  );

export const distributionOptions = () => [
  workersOption(),
  new Option(
    '--store <url>',
    'where results are kept for all machines: a folder that they share, or s3://bucket/prefix; also PROMPTUNE_STORE (default: none)',
  ),
  new Option(
    '--part <k/n>',
    'compute this share alone, such as 3/100, into the store; without it the same command gathers all (default: all)',
  ).argParser(share),
  new Option(
    '--class <id>',
    'the class of machines whose results are gathered (default: that of this machine)',
  ),
];

/** For commands whose work is pieces of one thing. */
export const piecesOptions = () => [workersOption()];

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

/** Opens what the flags name. */
export async function openDistribution(flags: DistributionFlags): Promise<OpenedDistribution> {
  const url = flags.store ?? (process.env.PROMPTUNE_STORE || undefined);
  const store = url === undefined ? undefined : openStore(url);
  const { workers = 1 } = flags;
  const engine = workers > 1 ? processEngine({ workers }) : undefined;
  return {
    engine,
    options: { workers: flags.workers, part: flags.part, store, machineClass: flags.class },
    close: async () => engine?.close(),
  };
}
