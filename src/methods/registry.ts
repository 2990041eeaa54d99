/** @file All methods by name. Adding one here puts it into training, loading, the command line and the tests. */

import type * as z from 'zod';
import { methodSeparator } from '../attach/compose.js';
import type { Method } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { expectedName } from '../nearest-name.js';
import { say } from '../say.js';
import { bottleneckAdapter } from './bottleneck.js';
import { cartridge } from './cartridge.js';
import { cpt } from './cpt.js';
import { fullFineTuning } from './full-fine-tuning.js';
import { headAlone } from './head-alone.js';
import { ia3 } from './ia3.js';
import { instancePrompt } from './instance-prompt.js';
import { latePrefixTuning } from './late-prefix-tuning.js';
import { latePromptTuning } from './late-prompt-tuning.js';
import { lora } from './lora.js';
import { multitaskPromptTuning } from './multitask-prompt-tuning.js';
import { pTuning } from './p-tuning.js';
import { combineMethods } from './parts/combined-method.js';
import { prefixTuning } from './prefix-tuning.js';
import { promptPool } from './prompt-pool.js';
import { promptTuning } from './prompt-tuning.js';

/** All methods that come with the package. */
export const methods = [
  promptTuning,
  latePromptTuning,
  pTuning,
  prefixTuning,
  latePrefixTuning,
  cartridge,
  cpt,
  multitaskPromptTuning,
  instancePrompt,
  promptPool,
  lora,
  ia3,
  bottleneckAdapter,
  headAlone,
  fullFineTuning,
] as const satisfies readonly Method[];

export type MethodName = (typeof methods)[number]['name'];
/** The options of a method, by its name. */
export type MethodOptions<Name extends MethodName = MethodName> = z.input<
  Extract<(typeof methods)[number], { name: Name }>['schema']
>;

/**
 * A method by name, or several to train together, joined by "+".
 * @param own methods besides those of the registry
 * @throws UsageError if a name is unknown, or if the methods cannot be trained together
 */
export function methodNamed(name: string, own: readonly Method[] = []): Method {
  if (name.includes(methodSeparator))
    return combineMethods(name.split(methodSeparator).map((part) => methodNamed(part, own)));
  const known: readonly Method[] = [...own, ...methods];
  const method = known.find((candidate) => candidate.name === name);
  if (method) return method;
  throw new UsageError(
    say`method "${name}" is unknown; ${expectedName(
      name,
      known.map((each) => each.name),
    )}`,
    { code: 'unknown-name' },
  );
}
