/** @file What a training run tells while it goes on. */

export type TrainingEvent =
  | { type: 'resumed'; step: number; totalSteps: number }
  | StepEvent
  /** `loss`: mean over the label tokens of the whole validation set; `best`: the lowest one so far. */
  | { type: 'validation'; step: number; loss: number; best: number }
  | { type: 'checkpoint'; step: number; path: string }
  | { type: 'warning'; message: string };

export interface StepEvent {
  type: 'step';
  /** Updates made, this one included. */
  step: number;
  totalSteps: number;
  /** Epochs done, with the fraction of the one at hand. */
  epoch: number;
  /** Mean over the step's label tokens, before the update. */
  loss: number;
  learningRate: number;
  /** Global norm before clipping. */
  gradNorm: number;
  /** Real tokens, padding not counted. */
  tokensPerSecond: number;
  etaSeconds: number;
}
