/** @file Long loops on the thread that they share with timers, input and signals, which get a turn now and then. */
import { yieldToEvents } from '#platform';

/** How long a loop may hold the thread, in milliseconds. */
const longestStretch = 4;

// One thread has one event loop, so all loops share the time of the last turn.
let lastTurn = 0;

/**
 * Lets events be heard if the thread has been held for long.
 * @throws the signal's reason once aborted
 */
export async function giveTurn(signal?: AbortSignal): Promise<void> {
  if (performance.now() - lastTurn > longestStretch) {
    await yieldToEvents();
    lastTurn = performance.now();
  }
  signal?.throwIfAborted();
}
