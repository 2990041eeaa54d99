/** @file The model families by name. Adding one here lets its models be loaded, trained and generated with. */
import { FileError } from '../errors.js';
import type { ModelFolder } from '../formats/model-folder.js';
import { say } from '../say.js';
import { bert, roberta } from './bert.js';
import { gptNeox, phi } from './gpt-neox.js';
import { gpt2 } from './gpt2.js';
import { llama } from './llama.js';
import type { ModelFamily } from './model.js';
import { opt } from './opt.js';
import { mt5, t5 } from './t5.js';

const families: readonly ModelFamily[] = [gpt2, llama, gptNeox, phi, opt, bert, roberta, t5, mt5];

/** @throws FileError if config.json's `model_type` is not supported */
export function familyOf(source: ModelFolder): ModelFamily {
  const type = source.config.model_type;
  const family = families.find(({ modelTypes }) => modelTypes.some((known) => known === type));
  if (family) return family;
  const known = families.flatMap(({ modelTypes }) => modelTypes).join(', ');
  throw new FileError(
    source.configPath,
    'model_type',
    say`model type "${type}" is not supported; expected one of ${known}`,
  );
}
