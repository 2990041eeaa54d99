/** @file The texts of a batch as methods see them that make a prompt of each: in the graph, and what is fed for them. */
import { type Dim, input, iota, multiplyDims, reshape, scope, type Value } from '../graph/index.js';
import type { CausalLM } from '../models/model.js';
import { float32Tensor, type Tensor } from '../tensor.js';

/** Only what a model is given counts, not what is asked of it. */
export interface GivenText {
  /** The frozen model's embeddings [batch, length, hidden]. */
  readonly embeddings: Value;
  /** float32 [batch, length]: 1 where a token is given, 0 for padding and for what is to be predicted. */
  readonly mask: Value;
  /**
   * The frozen model's last states [batch, length, hidden], for methods that pay for a pass through it. Those of given
   * tokens know nothing of what is asked for, which comes after them.
   */
  states(): Value;
}

/** @param ids [batch, length]. The mask becomes the input `given_mask`. */
export function givenText(model: CausalLM, ids: Value): GivenText {
  const [batch, length] = ids.shape as [Dim, Dim];
  const { hiddenSize } = model.config;
  const weights = model.weights();
  const rows = model.embed(weights, reshape(ids, [multiplyDims(batch, length)]));
  const positions = reshape(iota(length), [1, length]);
  return {
    embeddings: reshape(rows, [batch, length, hiddenSize]),
    mask: input('given_mask', 'float32', [batch, length]),
    states: () =>
      scope('given', () => {
        const { hidden } = model.forward(weights, { embeddings: rows, batch, length, positions });
        return reshape(hidden, [batch, length, hiddenSize]);
      }),
  };
}

/** `given_mask` [rows, length]: 1 for the first `counts[r]` tokens of row r. */
export function givenMask(counts: readonly number[], length: number): Tensor<'float32'> {
  const mask = float32Tensor([counts.length, length]);
  for (const [row, count] of counts.entries()) mask.data.fill(1, row * length, row * length + count);
  return mask;
}
