/** @file The cross-entropy of labels over a vocabulary, without the scores of all tokens in memory at once. */
import {
  add,
  concat,
  exp,
  gather,
  isFrozen,
  log,
  logSumExp,
  matmul,
  multiply,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  softmax,
  subtract,
  type Value,
  withSlopes,
} from '../graph/index.js';
import { capped, scoresOf, transformed, type VocabularyHead } from '../models/head.js';

export interface CrossEntropyOptions {
  /** Whether it is to be differentiated. */
  readonly differentiate: boolean;
  /** The most tokens of a frozen vocabulary whose scores are in memory at once. */
  readonly tokensAtOnce: number;
}

/**
 * -log p(label) for each row h of hidden states [n, hidden]: log Σ exp(Wh + b) minus the label's score, which is
 * computed from the label's own row of W.
 */
export function crossEntropies(
  hidden: Value,
  labels: Value,
  head: VocabularyHead,
  { differentiate, tokensAtOnce }: CrossEntropyOptions,
): Value {
  const states = transformed(hidden, head);
  const { weight, bias } = head;
  const isFixed = isFrozen(weight) && (!bias || isFrozen(bias));
  const logSums = isFixed
    ? logSumsByPieces(states, piecesOf(head, tokensAtOnce), differentiate)
    : logSumExp(scoresOf(states, head));
  return subtract(logSums, scoresOfLabels(states, labels, head));
}

function scoresOfLabels(states: Value, labels: Value, { weight, bias, cap }: VocabularyHead): Value {
  const products = reduceSum(multiply(states, gather(weight, labels)), { axes: [-1] });
  return capped(bias ? add(products, gather(bias, labels)) : products, cap);
}

/**
 * log Σ exp(s) over the scores s of each state, by pieces of a frozen vocabulary, with its gradient: Σ p·∂s/∂h, which
 * without a cap is the mean of the rows of W under the probabilities p. Each piece gives its own log-sum l and mean m;
 * two of them make l = log(exp l₁ + exp l₂) and m = exp(l₁ - l)·m₁ + exp(l₂ - l)·m₂. So the scores of a piece are
 * computed once and then forgotten, as in FlashAttention (Dao et al. 2022, arXiv:2205.14135).
 */
function logSumsByPieces(states: Value, pieces: readonly VocabularyHead[], differentiate: boolean): Value {
  if (!differentiate)
    return logSumExp(
      concat(
        pieces.map((piece) => column(logSumExp(scoresOf(states, piece)))),
        1,
      ),
    );
  // All pieces come before the sums of them, so that ONNX Runtime finishes a sum before it begins another piece.
  const [first, ...others] = pieces.map((piece) => sumsOf(states, piece));
  const { logSum, mean } = others.reduce(together, first!);
  return withSlopes(reshape(logSum, [states.shape[0]!]), states, mean);
}

interface Sums {
  /** [n, 1] */
  readonly logSum: Value;
  /** [n, hidden] */
  readonly mean: Value;
}

function sumsOf(states: Value, piece: VocabularyHead): Sums {
  const width = states.shape[1] as number;
  const scores = scoresOf(states, piece);
  const probabilities = softmax(scores);
  const mean = matmul(slopesOf(scores, probabilities, piece), piece.weight);
  // The largest probability is exp(max s) / Σ exp(s). The maximum of the scores is the younger operand, so that it is
  // known before the probabilities, which then take the place of the scores in memory.
  const mostProbable = log(reduceMax(probabilities));
  const logSum = subtract(reduceMax(scores), mostProbable);
  // As one value, so that both are computed before the scores of the next piece.
  const both = concat([mean, logSum], 1);
  return { mean: slice(both, 1, 0, width), logSum: slice(both, 1, width, width + 1) };
}

/** The derivative of a piece's log-sum with respect to its scores before their cap: p·(1 - tanh²), without a cap p. */
function slopesOf(scores: Value, probabilities: Value, { cap }: VocabularyHead): Value {
  if (cap === undefined) return probabilities;
  const ofCap = multiply(scores, 1 / cap);
  return multiply(probabilities, subtract(1, multiply(ofCap, ofCap)));
}

function together(a: Sums, b: Sums): Sums {
  const logSum = column(logSumExp(concat([a.logSum, b.logSum], 1)));
  const part = (sums: Sums) => multiply(exp(subtract(sums.logSum, logSum)), sums.mean);
  return { logSum, mean: add(part(a), part(b)) };
}

const column = (x: Value): Value => reshape(x, [x.shape[0]!, 1]);

/** The head in pieces of nearly equal size. */
function piecesOf(head: VocabularyHead, tokensAtOnce: number): VocabularyHead[] {
  const { weight, bias } = head;
  const size = weight.shape[0] as number;
  const count = Math.max(1, Math.ceil(size / tokensAtOnce));
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [Math.round((i * size) / count), Math.round(((i + 1) * size) / count)];
    return { ...head, weight: slice(weight, 0, from, to), ...(bias && { bias: slice(bias, 0, from, to) }) };
  });
}
