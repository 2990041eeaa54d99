/** @file Rotary position embeddings (arXiv:2104.09864): rotates pairs of numbers by angles of their position. */
import { apply, type Operator, type Value } from '../value.js';
import { defineOperator } from './define.js';
import { negate } from './elementwise.js';

const rotateOperator = defineOperator({
  name: 'rotate',
  infer: ([x]) => [x!],
  emit: (emitter, node) => {
    const [x, , cos] = node.inputs;
    const [numHeads, headDim] = [x!.shape[1] as number, x!.shape[3] as number];
    const rotated = 2 * (cos!.shape[1] as number);
    const attributes = { num_heads: numHeads, rotary_embedding_dim: rotated < headDim ? rotated : 0 };
    emitter.direct(node, 'RotaryEmbedding', attributes, 'com.microsoft');
  },
  gradient: ([dy], { inputs: [, indices, cos, sin] }) => [
    () => rotate(dy!, indices!, cos!, negate(sin!)), // the transpose of a rotation is its inverse
    undefined,
    undefined,
    undefined,
  ],
} satisfies Operator);

/**
 * Rotates the first r numbers of every head of x [batch, heads, length, headDim]: the pair (x_i, x_{i + r/2}) by the
 * angle whose cosine and sine are in column i of `cos` and `sin` [n, r/2]. Float32 only. The angles get no gradient.
 * @param indices int64 [batch, length]: each position's row of `cos` and `sin`; or [1]: the row of the first position,
 *   with the others following it
 */
export function rotate(x: Value, indices: Value, cos: Value, sin: Value): Value {
  return apply(rotateOperator, [x, indices, cos, sin], {});
}
