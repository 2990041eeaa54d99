/**
 * @file The scores of every next token at every position of some texts: for analysis and for tests against other
 * libraries.
 */

import { adaptModel, textHidden } from '../attach/adapted-model.js';
import type { Adapter } from '../attach/method.js';
import { feedsFor, inputIds, textInputs } from '../attach/text-inputs.js';
import { UsageError } from '../errors.js';
import { reshape, toOnnx } from '../graph/index.js';
import { logitsOf } from '../models/head.js';
import type { LanguageModel } from '../models/model.js';
import { type Device, Session } from '../runtime/index.js';
import type { Tensor } from '../tensor.js';

export interface LogitsOptions {
  model: LanguageModel;
  adapter?: Adapter;
  /** Token ids of each text. Texts of unequal lengths are padded on the right, which changes nothing for the others. */
  texts: readonly (readonly number[])[];
  /**
   * For a model with an encoder: what it reads, for each of the decoder's `texts`, which begin with the model's start
   * token.
   */
  given?: readonly (readonly number[])[];
  device?: Device;
}

/**
 * Logits [texts, length of the longest, vocab]: at position i the scores of the token after token i (of token i
 * itself, by a masked language model). A learned prompt has no rows of its own here. Rows beyond a text's end hold
 * nothing of use.
 */
export async function computeLogits({
  model,
  adapter,
  texts,
  given,
  device,
}: LogitsOptions): Promise<Tensor<'float32'>> {
  if (model.encoder ? given?.length !== texts.length : given)
    throw new UsageError(
      model.encoder
        ? `${model.name} has an encoder: give what it reads for each text (given)`
        : `${model.name} has no encoder to read what is given; leave it out`,
    );
  const ids = inputIds.value;
  const adapted = adaptModel(model, adapter, ids);
  const scores = logitsOf(textHidden(model, adapted, ids), model.head(adapted.weights));
  const logits = reshape(scores, ['batch', 'length', model.config.vocabSize]);

  const graph = toOnnx({ logits });
  const session = await Session.create(graph.bytes, { weights: model.files, device });
  try {
    const rows = texts.map((ids, row) => ({ ids, encoderIds: given?.[row] }));
    const feeds = feedsFor(textInputs, graph.inputs, rows);
    const tensors = Object.fromEntries(adapter?.tensors ?? []);
    return (await session.run({ ...feeds, ...tensors })).logits as Tensor<'float32'>;
  } finally {
    await session.dispose();
  }
}
