/** @file Measures times and memory: medians of interleaved cases, and the peak private memory while something runs. */
import { host } from '#platform';

/** Seconds of several runs of one case. */
export interface Times {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function timesOf(seconds: readonly number[]): Times {
  const sorted = [...seconds].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** A case; it may return its seconds if only a part of the run counts. */
type Case = () => Promise<number | unknown>;

/**
 * Runs every case once to warm up, and then all in turn, `rounds` times: other load of the machine affects all of them
 * alike, so that their ratios hold on a busy machine too.
 */
export async function interleave<Name extends string>(
  rounds: number,
  cases: Readonly<Record<Name, Case>>,
): Promise<Record<Name, Times>> {
  const seconds = new Map<string, number[]>();
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries<Case>(cases)) {
      const taken = await secondsOf(run);
      if (round < 0) seconds.set(name, []);
      else seconds.get(name)!.push(taken);
    }
  }
  const times = [...seconds].map(([name, taken]) => [name, timesOf(taken)]);
  return Object.fromEntries(times);
}

export async function secondsOf(run: Case): Promise<number> {
  const start = performance.now();
  const own = await run();
  return typeof own === 'number' ? own : (performance.now() - start) / 1000;
}

/** Samples the process's private memory every millisecond. Call the result to stop; it returns the peak in bytes. */
export function watchPrivateMemory(): () => number {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, host.memoryUsage().privateBytes);
  };
  const timer = setInterval(look, 1);
  return () => {
    clearInterval(timer);
    look();
    return peak;
  };
}
