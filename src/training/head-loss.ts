/** @file The loss of a head that labels tokens: cross-entropy over its classes. */
import {
  add,
  gather,
  input,
  iota,
  logSumExp,
  multiply,
  multiplyDims,
  reduceSum,
  reshape,
  scalar,
  subtract,
  type Value,
} from '../graph/index.js';

/** Σ -log p(label) over rows of `scores` [labels, classes], for the input `labels` [labels]; and the scores. */
export function headLoss(scores: Value): { loss: Value; scores: Value } {
  const [rows, classes] = scores.shape as [string, number];
  const labels = input('labels', 'int64', [rows]);
  const at = add(multiply(iota(rows), scalar(classes, 'int64')), labels);
  const ofLabel = gather(reshape(scores, [multiplyDims(rows, classes)]), at);
  return { loss: reduceSum(subtract(logSumExp(scores), ofLabel)), scores };
}
