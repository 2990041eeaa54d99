/** @file The loss of a head that labels tokens: cross-entropy over its classes. */
import {
  add,
  gather,
  input,
  iota,
  logSumExp,
  multiply,
  multiplyDims,
  reshape,
  scalar,
  subtract,
  type Value,
} from '../graph/index.js';

/** -log p(label) for each row of `scores` [labels, classes], for the input `labels` [labels]. */
export function headLosses(scores: Value): Value {
  const [rows, classes] = scores.shape as [string, number];
  const labels = input('labels', 'int64', [rows]);
  const at = add(multiply(iota(rows), scalar(classes, 'int64')), labels);
  const ofLabel = gather(reshape(scores, [multiplyDims(rows, classes)]), at);
  return subtract(logSumExp(scores), ofLabel);
}
