/** @file The process that computes one cell of `promptune compare`: told which by its parent, it ends when the cell is done. */

import type { Cell } from '../../comparison/cells.js';
import { runCell } from '../../comparison/run-cell.js';
import { PromptuneError, UsageError } from '../../errors.js';
import { fromPretrained } from '../../pretrained.js';

/** What the parent asks for. */
export interface CellRequest {
  readonly cell: Cell;
  readonly revision?: string;
  readonly offline?: boolean;
}

/** What the parent is told. */
export type CellMessage =
  | { type: 'progress'; what: 'step' | 'row'; done: number; total: number }
  /** `stopped`: by a signal, after what was learned was saved. */
  | { type: 'end'; stopped: boolean }
  | { type: 'error'; message: string; isUsage: boolean };

const controller = new AbortController();
const { signal } = controller;
process.on('SIGINT', () => {}); // a terminal's Ctrl-C comes to the parent as well, which says what is to be done
process.once('disconnect', () => process.exit(1)); // the parent is gone: another one will go on from the last checkpoint
process.on('message', (message: CellRequest | 'stop') => {
  if (message === 'stop') controller.abort();
  else void compute(message);
});

async function compute({ cell, revision, offline }: CellRequest): Promise<void> {
  const tell = (message: CellMessage) => new Promise<void>((sent) => process.send!(message, () => sent()));
  try {
    const pretrained = await fromPretrained(cell.settings.model, { revision, offline, signal });
    const onProgress = (progress: { what: 'step' | 'row'; done: number; total: number }) =>
      void tell({ type: 'progress', ...progress });
    const result = await runCell(cell, { ...pretrained, signal, onProgress });
    await tell({ type: 'end', stopped: result === undefined });
  } catch (error) {
    const { message, stack = message, name } = error as Error;
    if (name === 'AbortError') await tell({ type: 'end', stopped: true });
    else {
      const told = error instanceof PromptuneError ? message : stack;
      await tell({ type: 'error', message: told, isUsage: error instanceof UsageError });
    }
  }
  process.exit(0);
}
