/** @file What the library says of options, told of the flags that set them. */
import type { Command, Option } from 'commander';
import { describeProblem, type Problem, type UsageError } from '../../index.js';
import { ConfigOption } from './schema-flags.js';

/** All that is wrong, told of flags; a problem that a file caused says where in it, on a line of its own. */
export function messageFor(error: UsageError, command: Command | undefined): string {
  if (error.problems.length === 0) return error.message;
  const isOfFile = error.problems.some(({ file }) => file !== undefined);
  return error.problems.map((problem) => lineFor(problem, command)).join(isOfFile ? '\n' : '; ');
}

function lineFor(problem: Problem, command: Command | undefined): string {
  const flag = problem.file === undefined && command?.options.find((option) => sets(option, problem.path));
  return flag ? `${flag.long}: ${problem.message}` : describeProblem(problem);
}

/**
 * Whether it sets what is wrong, or has its name: a library's function need not know where a configuration has its
 * option.
 */
function sets(option: Option, path: readonly PropertyKey[]): boolean {
  if (path.length === 0) return false;
  if (option instanceof ConfigOption && option.path.every((key, i) => key === path[i])) return true;
  return path.length === 1 && option.attributeName() === path[0];
}
