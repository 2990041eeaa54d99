/** @file Where a training run keeps what it needs to go on, its metrics and its checkpoints: a folder, or memory. */
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

export interface RunStore {
  /** Settings that differ from those the run was made with, as `name: old → new`. Empty unless resumed. */
  readonly changedSettings: readonly string[];
  /**
   * Puts the run back to its newest readable checkpoint, metrics.jsonl included; without any, to its very beginning.
   *
   * @param restore takes a checkpoint over; a PromptuneError from it counts as unreadable
   * @param onUnreadable is told why a checkpoint was passed over
   * @throws FileError if there are checkpoints and none can be read
   */
  loadCheckpoint(
    restore: (checkpoint: Checkpoint) => void,
    onUnreadable: (message: string) => void,
  ): Promise<Checkpoint | undefined>;
  /** Appends a line to metrics.jsonl; it is in the file when this resolves. */
  appendMetrics(metrics: Record<string, unknown>): Promise<void>;
  /**
   * Keeps a checkpoint, and of the earlier ones those that may still be wanted. Returns its folder, where it has one.
   */
  saveCheckpoint(checkpoint: Checkpoint): Promise<string | undefined>;
  /** The trained tensors of the best checkpoint, that of `step`. */
  bestTensors(step: number): Promise<ReadonlyMap<string, Tensor>>;
  /** Gives the store free for other runs. */
  close(): Promise<void>;
}

/** A store that ends with the process: it keeps the best tensors, and nothing to resume from. */
export function memoryStore(): RunStore {
  const best = new Map<string, Tensor>();
  return {
    changedSettings: [],
    loadCheckpoint: async () => undefined,
    async appendMetrics() {},
    async saveCheckpoint({ state, trainable }) {
      if (state.best?.step === state.step)
        for (const [name, tensor] of trainable) best.set(name, structuredClone(tensor));
      return undefined;
    },
    bestTensors: async () => best,
    async close() {},
  };
}
