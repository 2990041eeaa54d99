/** @file Where a training run keeps what it needs to go on: its metrics and its checkpoints. */
import { z } from 'zod';
import type { Tensor } from '../tensor.js';

export const stateSchema = z.strictObject({
  /** Updates made. */
  step: z.int().nonnegative(),
  /** The step at which the last validation took place, 0 before any. */
  validatedStep: z.int().nonnegative(),
  /** The lowest validation loss so far. */
  best: z.strictObject({ step: z.int(), loss: z.number() }).nullable(),
  validationsSinceBest: z.int().nonnegative(),
});

/** Where a run is. The order of the data follows from seed and step, so that there is no random state to keep. */
export type TrainingState = z.infer<typeof stateSchema>;

export interface Checkpoint {
  state: TrainingState;
  trainable: ReadonlyMap<string, Tensor>;
  /** Optimizer.state() */
  optimizer: ReadonlyMap<string, Tensor>;
}

export interface RunFolder {
  readonly path: string;
  /** Where the adapter belongs; it may not be there yet. */
  readonly adapterPath: string;
  /** Settings that differ from those the run was made with, as `name: old → new`. Empty unless resumed. */
  readonly changedSettings: readonly string[];
  /**
   * Puts the run back to its newest readable checkpoint, metrics.jsonl included; without any, to its very beginning.
   *
   * @param restore takes a checkpoint over; a PromptuneError from it counts as unreadable
   * @param onUnreadable is told why a checkpoint was passed over
   * @throws FileError where there are checkpoints and none can be read
   */
  loadCheckpoint(
    restore: (checkpoint: Checkpoint) => void,
    onUnreadable: (message: string) => void,
  ): Promise<Checkpoint | undefined>;
  /** Appends a line to metrics.jsonl; it is in the file when this resolves. */
  appendMetrics(metrics: Record<string, unknown>): Promise<void>;
  /** Writes a checkpoint, then removes those that are no longer kept. Returns its folder. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<string>;
  /** Gives the folder free for other runs. */
  close(): Promise<void>;
}
