/** @file Long loops over tensors, cut into chunks so that the event loop turns in between. */
import { yieldToEvents } from '#platform';

/** Elements a chunk: well under a millisecond of arithmetic. */
const CHUNK = 1 << 16;
/** How long a stretch of chunks may hold the thread, in milliseconds. */
const LONGEST_STRETCH = 4;

// One thread has one event loop, so all loops share the moment at which it last turned.
let lastTurn = 0;

/**
 * Calls `body(from, to)` for consecutive ranges that cover `[0, length)`, and lets timers and input through in between.
 * `width` is the number of elements behind one index: 1, or the length of a row where `length` counts rows.
 */
export async function inChunks(
  length: number,
  body: (from: number, to: number) => void,
  width = 1,
): Promise<void> {
  const chunk = Math.max(1, Math.floor(CHUNK / width));
  for (let from = 0; from < length; from += chunk) {
    if (performance.now() - lastTurn > LONGEST_STRETCH) {
      await yieldToEvents();
      lastTurn = performance.now();
    }
    body(from, Math.min(from + chunk, length));
  }
}
