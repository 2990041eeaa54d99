/** @file Options that are paths, read by the caller's `OptionFiles`. */
import type { OptionFiles } from '../../attach/method.js';
import { optionError } from '../../errors.js';
import { say } from '../../say.js';

/** @throws UsageError without `files` */
export function fileReader(option: string, files: OptionFiles | undefined): OptionFiles {
  if (files) return files;
  const problem = say`paths are read in training runs only; pass the content instead`;
  throw optionError(option, problem, { code: 'unsupported' });
}
