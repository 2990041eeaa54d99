/** @file Options that are paths: read by what the caller gave to read with. */
import type { OptionFiles } from '../../attach/method.js';
import { UsageError } from '../../errors.js';

/** @throws UsageError if there is nothing to read with */
export function fileReader(option: string, files: OptionFiles | undefined): OptionFiles {
  if (files) return files;
  throw new UsageError(`${option}: a path can be read in a training run alone; give its content here`);
}
