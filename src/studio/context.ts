/** @file What the routes work with. */
import type { Pretrained } from '../open-pretrained.js';
import type { Engine } from '../serving/engine/engine.js';
import type { StudioFolder } from './folder.js';

export interface StudioContext extends Pretrained {
  /** What jobs call the model: its name or path. */
  readonly modelName: string;
  readonly engine: Engine;
  readonly folder: StudioFolder;
  readonly device: string;
  /** The server's address, once it listens. */
  address(): string;
  readonly needsKey: boolean;
}
