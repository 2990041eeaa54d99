/** @file A model and a method as the training loop sees them: losses, gradients and trainable tensors. */

import type { TrainableTensors } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';

/** Forward and backward pass of a micro-batch. */
export interface TrainingStep {
  /** The trained tensors, which the optimizer updates in place. A run may replace their `data`. */
  readonly trainable: TrainableTensors;
  /** Label tokens that the learned prompt itself adds to each text in `run`. Default: 0. */
  readonly promptLabels?: number;
  /** What the loss sum of `examples` is a sum over: their label tokens, or pairs of answers. */
  count(examples: readonly EncodedExample[]): number;
  /** How many calls of `run`, or of `evaluate`, gain from being under way at once. Default 1. */
  readonly atOnce?: number;
  /** Called after each update of `trainable`: projects the tensors back to where they may be. */
  constrain?(): void;
  /**
   * The loss summed over what `count` counts in `examples`, and over labels of the prompt itself, and the gradient of
   * `scale` times that sum for every trainable tensor, with the same names and lengths. The caller owns the gradients
   * and may change them in place.
   */
  run(
    examples: readonly EncodedExample[],
    scale: number,
  ): Promise<{ lossSum: number; gradients: Map<string, Float32Array> }>;
  /** The loss sum and, with a head or pairs, how many of `count` are right: the highest score, the chosen answer. */
  evaluate(examples: readonly EncodedExample[]): Promise<{ lossSum: number; correct?: number }>;
}
