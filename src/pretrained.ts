/** @file From a model's name to a model and its tokenizer. */

import { embeddedModel } from './embedded-model.js';
import { type ResolveModelOptions, resolveModel } from './hub/index.js';
import { loadModel } from './loading/load-model.js';
import type { ModelDtype } from './models/dtype.js';
import { namedEnd } from './models/end-tokens.js';
import type { LanguageModel } from './models/model.js';
import { loadTokenizer, type Tokenizer } from './text/tokenizer.js';

/** A causal language model with its tokenizer. Weights stay on disk until a graph needs them. */
export interface Pretrained {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
}

export interface PretrainedOptions extends ResolveModelOptions {
  /** In how many bits the model's matrices are kept (see `modelDtypes`). Default `auto`: as they are stored. */
  dtype?: ModelDtype;
}

/**
 * Finds a model by its name (a local folder or GGUF file, or a model of the Hugging Face Hub, from the cache or
 * downloaded into it) and checks that its files fit together. Without a name: `promptune-mini`, which comes with the
 * package.
 * @throws PromptuneError where it cannot be found, FileError where a file of it is not usable
 */
export async function fromPretrained(
  name: string = embeddedModel,
  options: PretrainedOptions = {},
): Promise<Pretrained> {
  const { folder } = await resolveModel(name, options);
  const { dtype, signal, onProgress } = options;
  const [model, tokenizer] = await Promise.all([
    loadModel(folder, name, { dtype, signal, onProgress }),
    loadTokenizer(folder),
  ]);
  // Where the tokenizer names no end of text, what the model's files name is taught in training as well.
  return { model, tokenizer: { ...tokenizer, eosTokenId: tokenizer.eosTokenId ?? namedEnd(model.source) } };
}
