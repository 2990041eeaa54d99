/** @file What a job tells while it runs. Every event is plain JSON, so that it can be sent on as it is. */
import type { TrainingEvent } from '../../training/events.js';

export type JobEvent =
  /** A file of a model or of a data set arrives from the Hub, or is converted. */
  { type: 'download'; file: string; loadedBytes: number; totalBytes: number } | JobProgress | TrainingEvent;

export interface JobProgress {
  type: 'progress';
  /**
   * What is counted: `tokenizer`, merges of a tokenizer that is learned; `data`, what is read and tokenized;
   * `training`, steps of a comparison's cell (a training run has events of its own); `scoring`, rows that are
   * evaluated.
   */
  stage: 'tokenizer' | 'data' | 'training' | 'scoring';
  /** What is scored: `adapter`, `head`, `model` (alone), or the precision of the weights, such as `q8`. */
  of?: string;
  done: number;
  total: number;
}

export interface JobOptions {
  /** Asks the job to end in order: what was learned is kept. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

/** For functions that count what they do. */
export const counting =
  ({ onEvent }: JobOptions, stage: JobProgress['stage'], of?: string) =>
  ({ done, total }: { done: number; total: number }): void =>
    onEvent?.({ type: 'progress', stage, ...(of !== undefined && { of }), done, total });

/** For functions that download. */
export const downloading =
  ({ onEvent }: JobOptions) =>
  (progress: { file: string; loadedBytes: number; totalBytes: number }): void =>
    onEvent?.({ type: 'download', ...progress });
