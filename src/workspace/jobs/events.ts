/** @file Events of a job. Each is plain JSON, so that it can be sent elsewhere. */
import type { Engine } from '../../distribution/work.js';
import type { TrainingEvent } from '../../training/events.js';
import type { Trial } from '../../tuning/tune-adapter.js';

export type JobEvent =
  /** A file of a model or data set is being downloaded or converted. */
  | { type: 'download'; file: string; loadedBytes: number; totalBytes: number }
  | JobProgress
  | PartEvent
  | ScoresEvent
  | TrialEvent
  | TrainingEvent;

/** One of several is at hand: a cell of a comparison, or a prompt of a benchmark. */
export interface PartEvent {
  type: 'part';
  name: string;
  /** From 1. */
  number: number;
  count: number;
}

/** One of several is scored. */
export interface ScoresEvent {
  type: 'scores';
  name: string;
  /** By metric. */
  scores: Readonly<Record<string, number>>;
  /** How many are done, failed ones included. */
  done: number;
  /** Whether it was scored earlier. */
  kept?: boolean;
}

/** A short run of tuning has ended. */
export interface TrialEvent extends Trial {
  type: 'trial';
}

export interface JobProgress {
  type: 'progress';
  /**
   * What is counted: `tokenizer`: merges of a learned tokenizer; `data`: examples read and tokenized; `training`: steps
   * of a comparison's cell (training runs have their own events); `scoring`: evaluated rows.
   */
  stage: 'tokenizer' | 'data' | 'training' | 'scoring';
  /**
   * What is scored: `adapter`, `head`, `model` (alone), the precision of the weights, such as `q8`, or the name of one
   * of several parts.
   */
  of?: string;
  done: number;
  total: number;
  /** Of the last step, where a cell trains. */
  loss?: number;
}

export interface JobOptions {
  /** Stops the job, which saves its progress. */
  readonly signal?: AbortSignal;
  /** Called with what happens in the job, as plain data. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Computes what can be divided: batches of an evaluation, and of a training step. Default: this process. */
  readonly engine?: Engine;
}

/** Adapts events to functions that report progress. */
export const counting =
  ({ onEvent }: JobOptions, stage: JobProgress['stage'], of?: string) =>
  ({ done, total }: { done: number; total: number }): void =>
    onEvent?.({ type: 'progress', stage, ...(of !== undefined && { of }), done, total });

/** Adapts events to functions that download. */
export const downloading =
  ({ onEvent }: JobOptions) =>
  (progress: { file: string; loadedBytes: number; totalBytes: number }): void =>
    onEvent?.({ type: 'download', ...progress });
