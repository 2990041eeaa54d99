/** @file Loads a model and its tokenizer by the model's name. */

import { embeddedModel } from './embedded-model.js';
import { type ResolveModelOptions, resolveModel } from './hub/index.js';
import type { ModelDtype } from './models/dtype.js';
import { openPretrained, type Pretrained } from './open-pretrained.js';

export interface PretrainedOptions extends ResolveModelOptions {
  /** Precision of the model's matrices in memory (see `modelDtypes`). Default `auto`: as stored. */
  dtype?: ModelDtype;
}

/**
 * Loads a model and its tokenizer, and checks that their files fit together. A name is a local folder or GGUF file, or
 * a model of the Hugging Face Hub, which is downloaded into the cache if it is not there. Default: `promptune-mini`,
 * which comes with the package.
 * @throws PromptuneError if the model cannot be found, FileError if one of its files is not usable
 */
export async function fromPretrained(
  name: string = embeddedModel,
  options: PretrainedOptions = {},
): Promise<Pretrained> {
  const { folder } = await resolveModel(name, options);
  const { dtype, signal, onProgress } = options;
  return openPretrained(folder, name, { dtype, signal, onProgress });
}
