import { expect, it, vi } from 'vitest';
import { giveTurn } from './turns.js';

it('lets events run, and hears a signal that they abort, only after the thread was held for long', async () => {
  let now = performance.now() + 1000;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  try {
    await giveTurn();
    const reason = new Error('enough');
    const controller = new AbortController();
    setImmediate(() => controller.abort(reason));
    now += 1;
    await giveTurn(controller.signal);
    expect(controller.signal.aborted).toBe(false);
    now += 10;
    await expect(giveTurn(controller.signal)).rejects.toBe(reason);
  } finally {
    clock.mockRestore();
  }
});
