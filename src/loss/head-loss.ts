/** @file The losses of heads: cross-entropy over the classes of a token, or over the tokens that an answer may begin and end with. */
import {
  add,
  type Dim,
  gather,
  input,
  iota,
  lessOrEqual,
  logSumExp,
  multiply,
  multiplyDims,
  reshape,
  scalar,
  slice,
  subtract,
  type Value,
  where,
} from '../graph/index.js';
import { flatRows } from '../models/attention.js';

/** -log p(label) for each row of `scores` [labels, classes], for the input `labels` [labels]. */
export function headLosses(scores: Value): Value {
  const [rows, classes] = scores.shape as [string, number];
  const labels = input('labels', 'int64', [rows]);
  const at = add(multiply(iota(rows), scalar(classes, 'int64')), labels);
  const ofLabel = gather(reshape(scores, [multiplyDims(rows, classes)]), at);
  return subtract(logSumExp(scores), ofLabel);
}

/**
 * For each text the mean of -log p(its answer's first token) and -log p(its last one), over the tokens of the text, as transformers has it. Inputs
 * are `answer_starts` and `answer_ends`, [batch].
 * @param scores [batch·length, 2]
 * @param lastPositions [batch], where each text's last token stands
 */
export function spanLosses(scores: Value, lastPositions: Value, length: Dim): Value {
  const batch = lastPositions.shape[0]!;
  const isToken = lessOrEqual(iota(length), reshape(lastPositions, [batch, 1]));
  const padding = where(isToken, scalar(0, 'float32'), scalar(Number.NEGATIVE_INFINITY, 'float32'));
  const losses = ['answer_starts', 'answer_ends'].map((name, column) => {
    const ofTokens = slice(scores, 1, column, column + 1);
    const at = flatRows(reshape(input(name, 'int64', [batch]), [batch, 1]), length);
    const ofAnswer = reshape(gather(ofTokens, at), [batch]);
    return subtract(logSumExp(add(reshape(ofTokens, [batch, length]), padding)), ofAnswer);
  });
  return multiply(add(losses[0]!, losses[1]!), 0.5);
}
