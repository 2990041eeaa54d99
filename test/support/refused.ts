/** @file Commands that must be refused: in one line, by the right exit code, and without a trace. */
import { expect } from 'vitest';
import { runShared } from './cli.js';
import { snapshot } from './files.js';

/**
 * Runs a command in `cwd`, which must end with this message and no other word, and must change nothing there.
 * @param code 1 for what is wrong with files, 2 for what is wrong with the command
 */
export async function refused(
  cwd: string,
  args: readonly string[],
  code: 1 | 2,
  message: string | RegExp,
): Promise<void> {
  const before = await snapshot(cwd);
  const { stderr, ...rest } = await runShared(args, { cwd });
  const [, told] =
    /^promptune: ([^\n]+)\n$/.exec(stderr) ?? expect.fail(`expected one line, got ${JSON.stringify(stderr)}`);
  if (typeof message === 'string') expect(told).toBe(message);
  else expect(told).toMatch(message);
  expect(rest).toEqual({ stdout: '', code, signal: null });
  expect(await snapshot(cwd)).toEqual(before);
}
