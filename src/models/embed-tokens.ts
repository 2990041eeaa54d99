/** @file Embeddings of tokens as numbers, computed by the model's own graph, which may scale them. */
import { PromptuneError } from '../errors.js';
import { input, toOnnx } from '../graph/index.js';
import { Session } from '../runtime/index.js';
import { say } from '../say.js';
import { int64Tensor, type Tensor } from '../tensor.js';
import type { LanguageModel } from './model.js';

/** Embeddings [ids.length, hidden] of token ids. Throws a PromptuneError for an id outside the model's vocabulary. */
export async function embedTokens(model: LanguageModel, ids: readonly number[]): Promise<Tensor<'float32'>> {
  const { vocabSize } = model.config;
  const foreign = ids.find((id) => id < 0 || id >= vocabSize);
  if (foreign !== undefined) {
    throw new PromptuneError(
      say`token id ${foreign} is outside the vocabulary of ${model.name}, whose last id is
        ${vocabSize - 1}: the tokenizer belongs to another model`,
      { code: 'incompatible' },
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
