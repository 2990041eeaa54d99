/** @file Turns the library's errors about options into errors about flags. */
import type { Command, Option } from 'commander';
import { describeProblem, type Problem, type UsageError } from '../../index.js';
import { ConfigOption } from './schema-flags.js';

/** All problems by flag. A problem in a file is on its own line, with its place. */
export function messageFor(error: UsageError, command: Command | undefined): string {
  if (error.problems.length === 0) return error.message;
  const isOfFile = error.problems.some(({ file }) => file !== undefined);
  return error.problems.map((problem) => lineFor(problem, command)).join(isOfFile ? '\n' : '; ');
}

function lineFor(problem: Problem, command: Command | undefined): string {
  const flag = problem.file === undefined && command?.options.find((option) => sets(option, problem.path));
  return flag ? `${flag.long}: ${problem.message}` : describeProblem(problem);
}

/** Whether an option sets the path, or has its name: library functions need not know a configuration's structure. */
function sets(option: Option, path: readonly PropertyKey[]): boolean {
  if (path.length === 0) return false;
  if (option instanceof ConfigOption && option.path.every((key, i) => key === path[i])) return true;
  return path.length === 1 && option.attributeName() === path[0];
}
