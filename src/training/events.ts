/** @file Events of a training run. */

export type TrainingEvent =
  | StartEvent
  | { type: 'resumed'; step: number; totalSteps: number }
  | StepEvent
  /** `loss`: mean over the labels of the whole validation set; `best`: the lowest so far; `accuracy`: with a head. */
  | { type: 'validation'; step: number; loss: number; best: number; accuracy?: number }
  /**
   * How many of the validation rows get their own label, where labels are completions: after the last step; `untuned`:
   * from the model alone, and `majority`: the share of the most frequent label.
   */
  | { type: 'labels'; examples: number; accuracy: number; untuned?: number; majority: number }
  | { type: 'checkpoint'; step: number; path: string }
  | SampleEvent
  | { type: 'warning'; message: string };

/** The run is ready for its first step. */
export interface StartEvent extends RunSummary {
  type: 'start';
}

/** Summary of a run, known once its data is read. */
export interface RunSummary {
  /** The model's name. */
  model: string;
  method: string;
  /** Number of trainable parameters. */
  trainableParameters: number;
  /** What they start from, in words. */
  initialization: string;
  examples: number;
  /** The layout of records, if it was recognized by the names of their fields. */
  recognized?: string;
  /** What is ignored in the records (see TextDataset). */
  notes?: readonly string[];
  /** Examples longer than `maxLength`: truncated and skipped. */
  truncated: number;
  dropped: number;
  /** 0 without validation. */
  validationExamples: number;
  stepsPerEpoch: number;
  totalSteps: number;
  /** What makes it unlikely that the run learns, in words. */
  warnings?: readonly string[];
  /** Peak memory of a step in bytes, estimated from shapes, without the weights, which stay in their file. */
  estimatedMemoryBytes: number;
  /** The size of the model's weights, of which a run's process maps what it reads. */
  weightBytes: number;
  /** Of all steps and validations, from one that was measured. Missing if none was. */
  estimatedSeconds?: number;
  /** Hidden states of the frozen layers, if they are kept between epochs. */
  keptStates?: KeptStatesSummary;
}

export interface KeptStatesSummary {
  /** Their size, at most. */
  bytes: number;
  place: 'memory' | 'folder';
  /** The fraction of a step's multiplications in matrix products that they save after the first epoch. */
  share: number;
}

/** What the adapter writes after `step` steps, at 0 before it has learned anything. */
export interface SampleEvent {
  type: 'sample';
  step: number;
  samples: readonly Sample[];
}

export interface Sample {
  readonly prompt: string;
  readonly text: string;
}

export interface StepEvent {
  type: 'step';
  /** Number of updates, this one included. */
  step: number;
  totalSteps: number;
  /** Epochs done, including the fraction of the current one. */
  epoch: number;
  /** Mean loss per label token of the step, before the update. */
  loss: number;
  learningRate: number;
  /** Global norm before clipping. */
  gradNorm: number;
  /** Duration of the step. */
  seconds: number;
  /** Tokens without padding. */
  tokensPerSecond: number;
  etaSeconds: number;
}
