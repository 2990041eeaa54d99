/** @file The job that trains and scores one cell of a comparison. */
import type { Cell, CellResult } from '../../comparison/cells.js';
import { runCell } from '../../comparison/run-cell.js';
import { fromPretrained } from '../../pretrained.js';
import { downloading, type JobOptions } from './events.js';

export interface CellJob {
  readonly type: 'cell';
  readonly cell: Cell;
  /** Downloads nothing. */
  readonly offline?: boolean;
}

export interface CellJobResult {
  /** Whether the signal stopped it. Progress is saved, and the same job resumes from there. */
  readonly stopped: boolean;
  readonly result?: CellResult;
}

/** The memory in the result is the whole process's, so use one process per cell. */
export async function runCellJob({ cell, offline }: CellJob, options: JobOptions): Promise<CellJobResult> {
  const { signal, onEvent } = options;
  const { model, run } = cell.settings;
  const pretrained = await fromPretrained(model, {
    revision: run?.revision,
    offline,
    signal,
    onProgress: downloading(options),
  });
  const result = await runCell(cell, {
    ...pretrained,
    signal,
    onProgress: ({ what, done, total }) =>
      onEvent?.({ type: 'progress', stage: what === 'step' ? 'training' : 'scoring', done, total }),
    onSaved: onEvent,
    onNote: (message) => onEvent?.({ type: 'warning', message }),
  });
  return { stopped: result === undefined, ...(result && { result }) };
}
