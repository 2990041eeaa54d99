/** @file Next-token scores at every position of texts, for analysis and for tests against other libraries. */

import { adaptModel, textHidden } from '../attach/adapted-model.js';
import type { Adapter } from '../attach/method.js';
import { requireOneTask } from '../attach/one-task.js';
import { feedsFor, inputIds, textInputs } from '../attach/text-inputs.js';
import { UsageError } from '../errors.js';
import { reshape, toOnnx } from '../graph/index.js';
import { logitsOf } from '../models/head.js';
import type { LanguageModel } from '../models/model.js';
import { onnxOptionsFor } from '../runtime/device.js';
import { type Device, Session } from '../runtime/index.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';

export interface LogitsOptions {
  model: LanguageModel;
  adapter?: Adapter;
  /** Token ids of each text. Shorter texts are padded on the right, which does not affect the results. */
  texts: readonly (readonly number[])[];
  /** For an encoder-decoder: the encoder's input for each of `texts`, which start with the model's start token. */
  encoderIds?: readonly (readonly number[])[];
  /** Where to compute. Default: the CPU. */
  device?: Device;
}

/**
 * Computes logits [texts, length of the longest, vocab]: at position i the scores of the token after token i (of token
 * i itself in a masked language model). A learned prompt has no rows here. Rows beyond a text's end are meaningless.
 * @throws UsageError for a text that is longer than the model's positions, for an adapter of which no task was chosen,
 *   or if `encoderIds` is missing
 */
export async function computeLogits({
  model,
  adapter,
  texts,
  encoderIds,
  device,
}: LogitsOptions): Promise<Tensor<'float32'>> {
  if (model.encoder ? encoderIds?.length !== texts.length : encoderIds)
    throw new UsageError(
      model.encoder
        ? say`${model.name} has an encoder: set \`encoderIds\`, the encoder's input for each text`
        : say`${model.name} has no encoder; leave out \`encoderIds\``,
    );
  requireOneTask(adapter);
  const ids = inputIds.value;
  const adapted = adaptModel(model, adapter, ids);
  const room = model.config.maxPositions - (adapter?.numVirtualTokens ?? 0);
  const tooLong = texts.find(({ length }) => length > room);
  if (tooLong)
    throw new UsageError(
      say`a text has ${tooLong.length} tokens, and ${model.name} has positions for ${room}`,
      { code: 'too-long' },
    );
  const scores = logitsOf(textHidden(model, adapted, ids), model.head(adapted.weights));
  const logits = reshape(scores, ['batch', 'length', model.config.vocabSize]);

  const graph = toOnnx({ logits }, onnxOptionsFor(device));
  const session = await Session.create(graph.bytes, { weights: model.files, device });
  try {
    const rows = texts.map((ids, row) => ({ ids, encoderIds: encoderIds?.[row] }));
    const feeds = feedsFor(textInputs, graph.inputs, rows);
    const tensors = Object.fromEntries(adapter?.tensors ?? []);
    return (await session.run({ ...feeds, ...tensors })).logits as Tensor<'float32'>;
  } finally {
    await session.dispose();
  }
}
