/** @file Loads a model and its tokenizer by the model's name. */

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
  const [model, tokenizer] = await Promise.all([
    loadModel(folder, name, { dtype, signal, onProgress }),
    loadTokenizer(folder),
  ]);
  return { model, tokenizer: withModelsEnd(tokenizer, model) };
}

/**
 * The tokenizer with an end of text that training can teach: if it names none, or one that its class adds behind the
 * model's last id, the one that the model's files name.
 */
export function withModelsEnd(tokenizer: Tokenizer, model: LanguageModel): Tokenizer {
  const { eosTokenId: own } = tokenizer;
  const isKnown = own !== undefined && own < model.config.vocabSize;
  return isKnown ? tokenizer : { ...tokenizer, eosTokenId: namedEnd(model.source) ?? own };
}
