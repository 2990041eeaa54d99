/**
 * @file Mutants of every kind of file that is read: each must be harmless or refused with one of the project's own
 *   errors.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Attempt, Campaign } from '../campaign.js';
import { targetOf } from './attempt.js';

/** Milliseconds per mutant. */
const timeLimit = 10_000;

/** Bytes of private memory that a process may use while it reads mutants. */
const memoryLimit = 2 ** 31;

export const fuzz: Campaign = {
  about: 'mutants of every file that is read, each within 10 s and 2 GiB',
  defaultCount: 100_000,
  async start(folder) {
    let child: ChildProcess | undefined;
    const open = () => {
      const path = fileURLToPath(new URL('./worker.ts', import.meta.url));
      child ??= fork(path, [join(folder, 'files')], {
        execArgv: ['--import', 'tsx', '--max-old-space-size=2048'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      return child;
    };
    const close = async () => {
      child?.kill('SIGKILL');
      child = undefined;
    };
    return {
      async attempt(number, _random, seed) {
        const outcome = await judged(open(), { number, seed });
        if (typeof outcome !== 'string') return outcome;
        await close();
        const { row, file } = targetOf(number);
        return { row, outcome: 'hang or crash', fault: `${file}: ${outcome}` };
      },
      end: close,
    };
  },
};

/** The attempt, or how the process ended, by itself or by force. */
function judged(child: ChildProcess, job: { number: number; seed: number }): Promise<Attempt | string> {
  return new Promise((resolve) => {
    let said = '';
    const hear = (text: Buffer) => {
      said = `${said}${text}`.slice(-2000);
    };
    const settle = (outcome: Attempt | string) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.stderr!.off('data', hear);
      resolve(outcome);
    };
    const timer = setTimeout(() => settle(`took more than ${timeLimit / 1000} s`), timeLimit);
    child.stderr!.on('data', hear);
    child.on('message', ({ attempt, peakBytes }: { attempt: Attempt; peakBytes: number }) =>
      settle(peakBytes > memoryLimit ? `took ${Math.round(peakBytes / 2 ** 20)} MiB` : attempt),
    );
    child.on('exit', (code, signal) => settle(`ended the process (${signal ?? code}): ${said.slice(-300)}`));
    child.send(job);
  });
}
