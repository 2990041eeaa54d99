/** @file Waiting that ends in time, and leaves no timer behind: that would keep a command alive that is done. */
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a promise gives, or undefined after so many milliseconds.
 * @param options `ref`: whether the process stays alive for it. Default true
 */
export async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  { ref = true }: { ref?: boolean } = {},
): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, sleep(milliseconds, undefined, { ref, signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
