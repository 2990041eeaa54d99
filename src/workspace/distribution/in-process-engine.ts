/** @file Does pieces in this process, one after the other. */
import type { Engine } from '../../distribution/work.js';
import { PieceWorker } from './pieces.js';

/** Does work in this process, one piece after the other. */
export function inProcessEngine(): Engine {
  const worker = new PieceWorker();
  return {
    atOnce: 1,
    async run(work, { signal, onState } = {}) {
      onState?.('running');
      return worker.run(work, signal);
    },
    close: () => worker[Symbol.asyncDispose](),
  };
}
