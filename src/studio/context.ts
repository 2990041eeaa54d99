/** @file What the routes work with. */
import type { Pretrained } from '../open-pretrained.js';
import type { Device } from '../runtime/index.js';
import type { Engine } from '../serving/engine/engine.js';
import type { AdapterChanges } from './adapter-changes.js';
import type { StudioFolder } from './folder.js';
import type { Jobs } from './jobs.js';
import type { StudioModels } from './models.js';
import type { StudioQueue } from './queue.js';
import type { Traffic } from './traffic.js';

export interface StudioContext extends Pretrained {
  readonly models: StudioModels;
  readonly engine: Engine;
  readonly folder: StudioFolder;
  readonly jobs: Jobs;
  readonly changes: AdapterChanges;
  readonly traffic: Traffic;
  /** Of works, if there is one to show. */
  readonly queue?: StudioQueue;
  readonly device: Device;
  readonly threads?: number;
  /** Whether data sets of the Hub are not downloaded. */
  readonly offline?: boolean;
  /** The server's address, once it listens. */
  address(): string;
  readonly needsKey: boolean;
}
