/** @file What the frozen layers below one make of a text. */

import { input, iota, reshape, toOnnx } from '../../graph/index.js';
import type { LanguageModel } from '../../models/model.js';
import { Session } from '../../runtime/index.js';
import { int64Tensor, type Tensor } from '../../tensor.js';

/** The hidden states [ids.length, hidden] that enter layer `layer` of a decoder, for the text `ids` alone. */
export async function statesEntering(
  model: LanguageModel,
  layer: number,
  ids: readonly number[],
): Promise<Tensor<'float32'>> {
  const weights = model.weights();
  const { hidden: states } = model.forward(weights, {
    embeddings: model.embed(weights, input('ids', 'int64', ['length'])),
    batch: 1,
    length: 'length',
    positions: reshape(iota('length'), [1, 'length']),
    layers: [0, layer],
  });
  const graph = toOnnx({ states });
  const session = await Session.create(graph.bytes, {
    weights: model.files,
    folding: !graph.hasPackedWeights,
    prepacking: graph.usesBlockProducts,
  });
  try {
    const outputs = await session.run({ ids: int64Tensor([ids.length], ids) });
    return outputs.states as Tensor<'float32'>;
  } finally {
    await session.dispose();
  }
}
