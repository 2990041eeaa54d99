/** @file What a training run tells while it goes on. */

export type TrainingEvent =
  | StartEvent
  | { type: 'resumed'; step: number; totalSteps: number }
  | StepEvent
  /** `loss`: mean over the labels of the whole validation set; `best`: the lowest one so far; `accuracy`: of a head. */
  | { type: 'validation'; step: number; loss: number; best: number; accuracy?: number }
  | { type: 'checkpoint'; step: number; path: string }
  | { type: 'warning'; message: string };

/** The run is ready for its first step. */
export interface StartEvent extends RunSummary {
  type: 'start';
}

/** What a run is about to do, known once its data was read. */
export interface RunSummary {
  /** The model's name. */
  model: string;
  method: string;
  /** Numbers that are trained. */
  trainableParameters: number;
  /** What they start from, for people to read. */
  startsFrom: string;
  examples: number;
  /** The shape in which the records were recognized, where their fields' names and nobody else said it. */
  recognized?: string;
  /** What of the records is read past (see TextDataset). */
  notes?: readonly string[];
  /** Examples that were longer than `maxLength`: cut, and left out. */
  truncated: number;
  dropped: number;
  /** 0 without validation. */
  validationExamples: number;
  stepsPerEpoch: number;
  totalSteps: number;
  /** Private memory at the peak of a step, in bytes, estimated from shapes; the model's weights stay in their file. */
  estimatedMemoryBytes: number;
}

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
  /** What the step took. */
  seconds: number;
  /** Real tokens, padding not counted. */
  tokensPerSecond: number;
  etaSeconds: number;
}
