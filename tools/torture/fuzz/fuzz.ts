/**
 * @file Mutants of every kind of file that is read: each must be harmless or refused with one of the project's own
 *   errors.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Attempt, Campaign } from '../campaign.js';
import { targetOf } from './attempt.js';

/** Seconds of a processor per mutant. */
const timeLimit = 10;

/** Seconds per mutant, on a machine as busy as it may be: a process that waits for ever uses no processor. */
const patience = 300;

/** Bytes of private memory that a process may use while it reads mutants. */
const memoryLimit = 2 ** 31;

export const fuzz: Campaign = {
  about: 'mutants of every file that is read, each within 10 s of a processor and 2 GiB',
  defaultCount: 100_000,
  isParallel: true,
  async start(folder) {
    const readers: Reader[] = [];
    const idle: Reader[] = [];
    return {
      async attempt(number, _random, seed) {
        const reader = idle.pop() ?? new Reader(join(folder, `files-${readers.length}`));
        if (!readers.includes(reader)) readers.push(reader);
        const outcome = await judged(reader.process(), { number, seed });
        idle.push(reader);
        if (typeof outcome !== 'string') return outcome;
        reader.close();
        const { row, file } = targetOf(number);
        return { row, outcome: 'hang or crash', fault: `${file}: ${outcome}` };
      },
      async end() {
        for (const reader of readers) reader.close();
      },
    };
  },
};

/** Reads one mutant at a time, in a process that is started again after it has ended. */
class Reader {
  #process: ChildProcess | undefined;

  constructor(private readonly folder: string) {}

  process(): ChildProcess {
    this.#process ??= fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [this.folder], {
      execArgv: ['--import', 'tsx', '--max-old-space-size=2048'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    return this.#process;
  }

  close(): void {
    this.#process?.kill('SIGKILL');
    this.#process = undefined;
  }
}

/** The attempt, or how the process ended, by itself or by force. */
function judged(child: ChildProcess, job: { number: number; seed: number }): Promise<Attempt | string> {
  return new Promise((resolve) => {
    let said = '';
    const hear = (text: Buffer) => {
      said = `${said}${text}`.slice(-2000);
    };
    const settle = (outcome: Attempt | string) => {
      clearInterval(timer);
      child.removeAllListeners();
      child.stderr!.off('data', hear);
      resolve(outcome);
    };
    const began = { time: performance.now() / 1000, used: processorSeconds(child) };
    const timer = setInterval(() => {
      const waited = performance.now() / 1000 - began.time;
      const used = began.used === undefined ? waited : (processorSeconds(child) ?? 0) - began.used;
      if (used > timeLimit) settle(`took more than ${timeLimit} s`);
      else if (waited > patience) settle(`did not end within ${patience} s`);
    }, 1000);
    child.stderr!.on('data', hear);
    child.on('message', ({ attempt, peakBytes }: { attempt: Attempt; peakBytes: number }) =>
      settle(peakBytes > memoryLimit ? `took ${Math.round(peakBytes / 2 ** 20)} MiB` : attempt),
    );
    child.on('exit', (code, signal) => settle(`ended the process (${signal ?? code}): ${said.slice(-300)}`));
    child.send(job);
  });
}

/** What a process has used so far, in all its threads; undefined where the system does not say. */
function processorSeconds({ pid }: ChildProcess): number | undefined {
  try {
    // proc(5): utime and stime are fields 14 and 15, in hundredths of a second; field 2 may contain spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}
