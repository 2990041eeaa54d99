/** @file Scores of tokens (logits) from hidden states. */
import { add, matmul, multiply, tanh, type Value } from '../graph/index.js';

/** The output embeddings [vocab, hidden] and bias [vocab] whose product with a hidden state gives the scores. */
export interface VocabularyHead {
  readonly weight: Value;
  readonly bias?: Value;
  /** Applied to hidden states [n, hidden] before the product. Default: none. */
  readonly transform?: (hidden: Value) => Value;
  /** If set, scores s become cap·tanh(s/cap). */
  readonly cap?: number;
}

/** The scores [n, vocab] of all tokens after hidden states [n, hidden]. */
export function logitsOf(hidden: Value, head: VocabularyHead): Value {
  return scoresOf(transformed(hidden, head), head);
}

/** The hidden states as the product with the output embeddings takes them. */
export const transformed = (hidden: Value, { transform }: VocabularyHead): Value =>
  transform ? transform(hidden) : hidden;

/** The scores [n, vocab] of transformed hidden states. */
export function scoresOf(states: Value, { weight, bias, cap }: VocabularyHead): Value {
  const products = matmul(states, weight, { transposeB: true });
  return capped(bias ? add(products, bias) : products, cap);
}

/** cap·tanh(x/cap), a soft limit of x to ±cap; x itself without a cap. */
export const capped = (x: Value, cap: number | undefined): Value =>
  cap === undefined ? x : multiply(tanh(multiply(x, 1 / cap)), cap);
