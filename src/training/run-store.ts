/** @file Where a training run keeps its state, metrics and checkpoints: a folder, or memory. */
import * as z from 'zod';
import type { Tensor } from '../tensor.js';

export const stateSchema = z.strictObject({
  /** Number of updates. */
  step: z.int().nonnegative(),
  /** Step of the last validation, 0 before the first. */
  validatedStep: z.int().nonnegative(),
  /** The lowest validation loss so far and, with a head, the accuracy at that step. */
  best: z.strictObject({ step: z.int(), loss: z.number(), accuracy: z.number().optional() }).nullable(),
  validationsSinceBest: z.int().nonnegative(),
});

/** State of a run. The order of the data follows from seed and step, so there is no random state. */
export type TrainingState = z.infer<typeof stateSchema>;

export interface Checkpoint {
  state: TrainingState;
  trainable: ReadonlyMap<string, Tensor>;
  /** Optimizer.state() */
  optimizer: ReadonlyMap<string, Tensor>;
}

export interface RunStore {
  /** Settings that differ from those of the original run, as `name: old → new`. Empty unless resumed. */
  readonly changedSettings: readonly string[];
  /**
   * Resets the run, metrics.jsonl included, to its newest readable checkpoint, or to its start if it has none.
   *
   * @param restore loads a checkpoint; if it throws a PromptuneError, the checkpoint counts as unreadable
   * @param onNote gets the reason why a checkpoint was skipped, and what else is not as it was
   * @throws FileError if there are checkpoints but none is readable
   */
  loadCheckpoint(
    restore: (checkpoint: Checkpoint) => void,
    onNote: (message: string) => void,
  ): Promise<Checkpoint | undefined>;
  /** Appends a line to metrics.jsonl. Resolves once it is in the file. */
  appendMetrics(metrics: Record<string, unknown>): Promise<void>;
  /** Saves a checkpoint and removes earlier ones that are no longer needed. Returns its folder, if it has one. */
  saveCheckpoint(checkpoint: Checkpoint): Promise<string | undefined>;
  /** The trained tensors of the best checkpoint, saved at `step`. */
  bestTensors(step: number): Promise<ReadonlyMap<string, Tensor>>;
  /** Releases the store for other runs. */
  close(): Promise<void>;
}

/** A store in memory: it keeps the best tensors, and nothing to resume from. */
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
