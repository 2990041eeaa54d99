/** @file The runs in folders, and a one-line summary of each. */
import { stat } from 'node:fs/promises';
import { UsageError } from '../errors.js';
import { findRuns, type RunRecord, type RunState, readRun } from '../runs/read-run.js';
import { say } from '../say.js';

/**
 * The runs in `folders`, which may be runs themselves, sorted by name.
 * @throws UsageError for a missing folder, FileError for an unreadable file of a run
 */
export async function listRuns(folders: readonly string[]): Promise<RunRecord[]> {
  const runs: RunRecord[] = [];
  for (const folder of folders) {
    const found = await stat(folder).catch(() => undefined);
    if (!found?.isDirectory())
      throw new UsageError(say`${folder}: there is no such folder; expected one with runs in it`, {
        code: 'not-found',
      });
    for (const path of await findRuns(folder)) {
      const run = await readRun(path);
      if (run) runs.push(run);
    }
  }
  return runs;
}

export interface RunSummaryLine {
  /** Its folder. */
  readonly run: string;
  readonly model: unknown;
  readonly method: unknown;
  readonly state: RunState;
  readonly steps: number;
  /** Mean over the last ten steps, because single steps are noisy. */
  readonly loss?: number;
  readonly bestValidationLoss?: number;
  readonly seconds?: number;
  readonly note?: string;
}

const lastSteps = 10;

/** One line per run: its state and figures, with the mean loss of the last ten steps. */
export function summarizeRun(run: RunRecord): RunSummaryLine {
  const { folder, config, state, steps, seconds, loss, validationLoss, note } = run;
  const last = loss.slice(-lastSteps);
  const best = validationLoss.reduce<number | undefined>(
    (lowest, { value }) => (lowest === undefined || value < lowest ? value : lowest),
    undefined,
  );
  return {
    run: folder,
    model: config.model,
    method: config.method,
    state,
    steps,
    ...(last.length > 0 && { loss: last.reduce((sum, { value }) => sum + value, 0) / last.length }),
    ...(best !== undefined && { bestValidationLoss: best }),
    ...(seconds !== undefined && { seconds }),
    ...(note !== undefined && { note }),
  };
}
