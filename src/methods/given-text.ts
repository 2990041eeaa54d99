/** @file The texts of a batch as methods see them that make a prompt of each: in the graph, and what is fed for them. */
import { type Dim, input, multiplyDims, reshape, type Value } from '../graph/index.js';
import type { CausalLM } from '../models/model.js';
import { float32Tensor, type Tensor } from '../tensor.js';

/** Only what a model is given counts, not what is asked of it. */
export interface GivenText {
  /** The frozen model's embeddings [batch, length, hidden]. */
  readonly embeddings: Value;
  /** float32 [batch, length]: 1 where a token is given, 0 for padding and for what is to be predicted. */
  readonly mask: Value;
}

/** @param ids [batch, length]. The mask becomes the input `given_mask`. */
export function givenText(model: CausalLM, ids: Value): GivenText {
  const [batch, length] = ids.shape as [Dim, Dim];
  const rows = model.embed(model.weights(), reshape(ids, [multiplyDims(batch, length)]));
  return {
    embeddings: reshape(rows, [batch, length, model.config.hiddenSize]),
    mask: input('given_mask', 'float32', [batch, length]),
  };
}

/** `given_mask` [rows, length]: 1 for the first `counts[r]` tokens of row r. */
export function givenMask(counts: readonly number[], length: number): Tensor<'float32'> {
  const mask = float32Tensor([counts.length, length]);
  for (const [row, count] of counts.entries()) mask.data.fill(1, row * length, row * length + count);
  return mask;
}
