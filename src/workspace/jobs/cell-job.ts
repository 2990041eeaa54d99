/** @file The job that trains and scores one cell of a comparison. */
import type { Cell, CellResult } from '../../comparison/cells.js';
import { runCell } from '../../comparison/run-cell.js';
import { fromPretrained } from '../../pretrained.js';
import { checkWeights } from '../distribution/pieces.js';
import { downloading, type JobOptions } from './events.js';

export interface CellJob {
  readonly type: 'cell';
  readonly cell: Cell;
  /** Downloads nothing. */
  readonly offline?: boolean;
  /** SHA-256 that the weights must have (see `weightsDigest`). Default: any. */
  readonly weights?: string;
}

export interface CellJobResult {
  /** Whether the signal stopped it. Progress is saved, and the same job resumes from there. */
  readonly stopped: boolean;
  readonly result?: CellResult;
}

/** The memory in the result is the whole process's, so use one process per cell. */
export async function runCellJob(
  { cell, offline, weights }: CellJob,
  options: JobOptions,
): Promise<CellJobResult> {
  const { signal, onEvent } = options;
  const { model, run } = cell.settings;
  const pretrained = await fromPretrained(model, {
    revision: run?.revision,
    offline,
    signal,
    onProgress: downloading(options),
  });
  if (weights !== undefined) await checkWeights(pretrained.model, weights);
  const result = await runCell(cell, {
    ...pretrained,
    signal,
    onProgress: ({ what, ...counted }) =>
      onEvent?.({ type: 'progress', stage: what === 'step' ? 'training' : 'scoring', ...counted }),
    onSaved: onEvent,
    onNote: (message) => onEvent?.({ type: 'warning', message }),
  });
  return { stopped: result === undefined, ...(result && { result }) };
}
