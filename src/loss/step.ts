/** @file What the training loop sees of a model and a method: losses, gradients and the tensors to train. */

import type { TrainableTensors } from '../tensor.js';
import type { EncodedExample } from '../text/encode.js';

/** Forward and backward of one model with one method on one micro-batch. */
export interface TrainingStep {
  /** The tensors that are trained. The optimizer updates their numbers in place. A run may give them a new `data`. */
  readonly trainable: TrainableTensors;
  /** Whether a label on a text's first token counts. It does not where nothing stands before it to predict it from. */
  readonly countsFirst: boolean;
  /** How many label tokens the learned prompt itself adds to those of each text in `run`. Default: 0. */
  readonly promptLabels?: number;
  /** Called after each update of `trainable`: puts the numbers back to where they may be. */
  constrain?(): void;
  /**
   * The loss summed over the label tokens of `examples`, those of the prompt itself included, and the gradient of
   * `scale` times that sum for every trainable tensor, under the same names and with the same lengths. The gradients
   * are the caller's, who changes them in place.
   */
  run(
    examples: readonly EncodedExample[],
    scale: number,
  ): Promise<{ lossSum: number; gradients: Map<string, Float32Array> }>;
  /** The loss sum alone, and with a head how many of the labels have the highest score. */
  evaluate(examples: readonly EncodedExample[]): Promise<{ lossSum: number; correct?: number }>;
}
