/** @file A model and its tokenizer from a folder. */
import type { ConversionOptions } from './loading/gguf-conversion.js';
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

/**
 * Opens what is in a folder, or a GGUF file, and checks that its files fit together.
 * @throws FileError if one of its files is not usable
 */
export async function openPretrained(
  folder: string,
  name: string,
  options: ConversionOptions & { dtype?: ModelDtype } = {},
): Promise<Pretrained> {
  const [model, tokenizer] = await Promise.all([loadModel(folder, name, options), loadTokenizer(folder)]);
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
