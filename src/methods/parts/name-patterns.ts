/**
 * @file Regular expressions for names of layers, in Python's syntax, from options and adapter_config.json. Those from
 *   files may be hostile, so they are searched in linear time.
 */
import { FileError, optionError } from '../../errors.js';
import { configPath, type PeftContent } from '../../formats/adapter-content.js';
import { wholeNamePattern } from '../../regex/pattern.js';
import { say } from '../../say.js';

/** Creates the error for a pattern, according to its origin. */
export type PatternError = (problem: string, cause: unknown) => Error;

export const inOption =
  (option: string): PatternError =>
  (problem, cause) =>
    optionError(option, problem, { cause });

export const inConfig =
  (files: PeftContent, field: string): PatternError =>
  (problem, cause) =>
    new FileError(configPath(files), field, problem, { cause });

/** Returns a function that matches a pattern against whole names. */
export function namePattern(source: string, errorOf: PatternError): (name: string) => boolean {
  try {
    return wholeNamePattern(source);
  } catch (cause) {
    const pattern = source.length > 60 ? `${source.slice(0, 60)}…` : source;
    throw errorOf(
      say`${JSON.stringify(pattern)} is not a valid regular expression: ${(cause as Error).message}`,
      cause,
    );
  }
}

/** PEFT's rule: the first pattern that matches the name to its end, from its start or from after a dot. */
export function byPattern<T>(
  patterns: Readonly<Record<string, T>>,
  otherwise: T,
  errorOf: PatternError,
): (name: string) => T {
  const table = Object.entries(patterns).map(
    ([source, value]) => [namePattern(`(?:.*\\.)?(?:${source})`, errorOf), value] as const,
  );
  return (name) => table.find(([fits]) => fits(name))?.[1] ?? otherwise;
}
