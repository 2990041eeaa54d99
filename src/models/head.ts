/** @file From hidden states to the scores of tokens. */
import { add, gather, matmul, multiply, reduceSum, tanh, type Value } from '../graph/index.js';

/** The output embeddings [vocab, hidden] and bias [vocab] whose product with a hidden state gives the scores. */
export interface Head {
  readonly weight: Value;
  readonly bias?: Value;
  /** Scores s become cap·tanh(s/cap). */
  readonly cap?: number;
}

/** The scores [n, vocab] of all tokens after hidden states [n, hidden]. */
export function logitsOf(hidden: Value, { weight, bias, cap }: Head): Value {
  const products = matmul(hidden, weight, { transposeB: true });
  return capped(bias ? add(products, bias) : products, cap);
}

/** The score [n] of one token after each hidden state, from the token's own row of the head: no other is computed. */
export function logitsOfLabels(hidden: Value, labels: Value, { weight, bias, cap }: Head): Value {
  const products = reduceSum(multiply(hidden, gather(weight, labels)), { axes: [-1] });
  return capped(bias ? add(products, gather(bias, labels)) : products, cap);
}

/** cap·tanh(x/cap), which is near x where x is small and never beyond the cap; x itself where there is none. */
export const capped = (x: Value, cap: number | undefined): Value =>
  cap === undefined ? x : multiply(tanh(multiply(x, 1 / cap)), cap);
