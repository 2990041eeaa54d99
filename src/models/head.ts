/** @file Scores of tokens (logits) from hidden states. */
import { add, gather, matmul, multiply, reduceSum, tanh, type Value } from '../graph/index.js';

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

/** The scores [n, vocab] of all tokens after hidden states [n, hidden], and the score [n] of each state's label. */
export function logitsWithLabels(
  hidden: Value,
  labels: Value,
  head: VocabularyHead,
): { logits: Value; ofLabels: Value } {
  const { weight, bias, cap } = head;
  const states = transformed(hidden, head);
  const products = reduceSum(multiply(states, gather(weight, labels)), { axes: [-1] });
  const ofLabels = capped(bias ? add(products, gather(bias, labels)) : products, cap);
  return { logits: scoresOf(states, head), ofLabels };
}

const transformed = (hidden: Value, { transform }: VocabularyHead): Value =>
  transform ? transform(hidden) : hidden;

function scoresOf(states: Value, { weight, bias, cap }: VocabularyHead): Value {
  const products = matmul(states, weight, { transposeB: true });
  return capped(bias ? add(products, bias) : products, cap);
}

/** cap·tanh(x/cap), a soft limit of x to ±cap; x itself without a cap. */
export const capped = (x: Value, cap: number | undefined): Value =>
  cap === undefined ? x : multiply(tanh(multiply(x, 1 / cap)), cap);
