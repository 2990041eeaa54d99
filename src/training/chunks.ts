/** @file Long loops over tensors, in chunks that let the event loop run in between. */
import { giveTurn } from '../turns.js';

/** Elements per chunk: well under a millisecond of arithmetic. */
const CHUNK = 1 << 16;

/**
 * Calls `body(from, to)` for consecutive ranges that cover `[0, length)`, and lets timers and I/O run in between.
 * `width` is the number of elements per index: 1, or the length of a row if `length` counts rows.
 */
export async function inChunks(
  length: number,
  body: (from: number, to: number) => void,
  width = 1,
): Promise<void> {
  const chunk = Math.max(1, Math.floor(CHUNK / width));
  for (let from = 0; from < length; from += chunk) {
    await giveTurn();
    body(from, Math.min(from + chunk, length));
  }
}
