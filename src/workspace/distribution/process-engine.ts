/**
 * @file Works in processes of this machine. A process that dies costs what it had at hand, which is done again by
 *   another one, a few times: what ends every process is given up.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../distribution/store.js';
import type { Engine, ResultFiles, RunWorkOptions, Work } from '../../distribution/work.js';
import { PromptuneError } from '../../errors.js';
import { say } from '../../say.js';
import type { CellJob } from '../jobs/cell-job.js';
import type { JobEvent } from '../jobs/events.js';
import { ProcessEndedError, runJobInProcess } from '../jobs/run-in-process.js';
import { type CellInput, resultOfCell } from './cell-work.js';
import { type PieceModel, pieceKinds } from './pieces.js';
import { withScratch } from './scratch.js';
import { showCurves } from './shown-curves.js';
import { removeSnapshots, restoreSnapshot, saveSnapshot } from './snapshots.js';
import { WarmProcesses } from './warm-processes.js';

export interface ProcessEngineOptions {
  /** How many processes work at once. */
  workers: number;
  /** Where checkpoints are kept for other machines. Default: nowhere; cells then run in the folders that they name. */
  store?: Store;
  /** How often a work is begun whose process dies. Default 3. */
  maxAttempts?: number;
}

/** Has work done by processes of this machine. */
export function processEngine({ workers, store, maxAttempts = 3 }: ProcessEngineOptions): Engine {
  const warm = new WarmProcesses(workers);
  const runOnce = (work: Work, options: RunWorkOptions) =>
    pieceKinds.includes(work.kind) ? warm.run(work, options.signal) : runCell(work, store, options);
  return {
    atOnce: workers,
    threads: Math.max(1, Math.floor(availableParallelism() / workers)),
    prepare: (of) => warm.prepare(of as PieceModel),
    async run(work, options = {}) {
      for (let attempt = 1; ; attempt++) {
        options.onState?.('running', attempt === 1 ? undefined : say`attempt ${attempt} of ${maxAttempts}`);
        try {
          return await runOnce(work, options);
        } catch (error) {
          if (!(error instanceof ProcessEndedError)) throw error;
          options.signal?.throwIfAborted();
          if (attempt === maxAttempts) throw givenUp(attempt, error);
          options.onState?.('lost', error.message);
        }
      }
    },
    close: async () => warm.close(),
  };
}

function givenUp(attempts: number, cause: ProcessEndedError): PromptuneError {
  const reason = cause.how === 'SIGKILL' ? say`, as when memory is used up` : '';
  return new PromptuneError(
    say`given up after ${attempts} attempts: the process that did it ended with
      ${cause.how}${reason}`,
    { cause },
  );
}

/** A cell runs in a fresh process, whose memory is the cell's. */
async function runCell(work: Work, store: Store | undefined, options: RunWorkOptions): Promise<ResultFiles> {
  const { cell, offline, weights } = work.input as CellInput;
  const compute = async (folder: string, onCellEvent?: (event: JobEvent) => void): Promise<ResultFiles> => {
    const job: CellJob = { type: 'cell', cell: { ...cell, folder }, offline, weights };
    const onEvent = (event: JobEvent) => {
      onCellEvent?.(event);
      options.onEvent?.(event);
    };
    const { stopped } = await runJobInProcess(job, { signal: options.signal, onEvent });
    if (stopped) throw new DOMException('The cell was stopped', 'AbortError');
    return resultOfCell(folder);
  };
  if (!store) return compute(cell.folder);

  return withScratch(work.key, async (folder) => {
    const run = join(folder, 'run');
    // A checkpoint saves time; without one the work begins anew.
    await restoreSnapshot(store, work.key, run).catch(() => false);
    const curves = await showCurves(store, work, run);
    let saving = Promise.resolve();
    const save = (write: () => Promise<unknown>) => {
      saving = saving.then(async () => void (await write())).catch(() => {});
    };
    try {
      return await compute(folder, (event) => {
        if (event.type === 'checkpoint') save(() => saveSnapshot(store, work.key, run, event.step));
        if (event.type === 'checkpoint' || curves.isDue()) save(curves.show);
      });
    } finally {
      save(curves.show);
      await saving; // what it has saved by now is not lost with this machine
    }
  });
}

/** After the result is in the store: what was kept for the case that it would not come. */
export const forgetWork = (store: Store, { key }: Pick<Work, 'key'>): Promise<void> =>
  removeSnapshots(store, key);
