/**
 * @file Embeddings of given tokens as numbers, read through the model's own graph (so with its scaling, where it has
 * one).
 */
import { PromptuneError } from '../errors.js';
import { input, toOnnx } from '../graph/index.js';
import { Session } from '../runtime/index.js';
import { int64Tensor, type Tensor } from '../tensor.js';
import type { LanguageModel } from './model.js';

/** Vectors [ids.length, hidden] of token ids. Throws a PromptuneError for an id outside the model's vocabulary. */
export async function embedTokens(model: LanguageModel, ids: readonly number[]): Promise<Tensor<'float32'>> {
  const { vocabSize } = model.config;
  const foreign = ids.find((id) => id < 0 || id >= vocabSize);
  if (foreign !== undefined) {
    throw new PromptuneError(
      `token id ${foreign} is not in the vocabulary of ${model.name}, which ends at ${vocabSize - 1}: ` +
        'tokenizer and model do not belong together',
    );
  }
  const embeddings = model.embed(model.weights(), input('ids', 'int64', ['n']));
  const session = await Session.create(toOnnx({ embeddings }).bytes, { weights: model.files });
  try {
    const outputs = await session.run({ ids: int64Tensor([ids.length], ids) });
    return outputs.embeddings as Tensor<'float32'>;
  } finally {
    await session.dispose();
  }
}
