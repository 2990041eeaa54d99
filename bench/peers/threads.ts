/** @file How many threads peers are compared on. */
import { availableParallelism, cpus } from 'node:os';

/** The share of the machine's cores that is idle while this process does nothing for a second; from 0 to 1. */
async function idleShare(): Promise<number> {
  const totals = () => {
    const times = cpus().map((core) => core.times);
    const idle = times.reduce((sum, core) => sum + core.idle, 0);
    return {
      idle,
      all: times.reduce((sum, core) => sum + Object.values(core).reduce((a, b) => a + b, 0), 0),
    };
  };
  const before = totals();
  await new Promise((later) => setTimeout(later, 1000));
  const after = totals();
  return (after.idle - before.idle) / (after.all - before.all);
}

/**
 * All cores, or one thread where the machine has other work: llama.cpp's threads wait for one another by spinning, so
 * that a step takes a hundred times as long if one of them is not running.
 */
export async function comparedThreads(): Promise<number> {
  return (await idleShare()) > 0.9 ? availableParallelism() : 1;
}
