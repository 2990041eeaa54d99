/** @file Losses of heads: cross-entropy over the classes of a token, or over the start and end tokens of an answer. */
import { lastPositions } from '../attach/text-inputs.js';
import {
  add,
  type Dim,
  gather,
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
import { answerEnds, answerStarts, labels } from './inputs.js';

/** -log p(label) for each row of `scores` [labels, classes]. */
export function headLosses(scores: Value): Value {
  const [rows, classes] = scores.shape as [string, number];
  const at = add(multiply(iota(rows), scalar(classes, 'int64')), labels.value);
  const ofLabel = gather(reshape(scores, [multiplyDims(rows, classes)]), at);
  return subtract(logSumExp(scores), ofLabel);
}

/**
 * For each text the mean of -log p(first token of its answer) and -log p(last token), over the tokens of the text, as
 * in transformers.
 * @param scores [batch·length, 2]
 */
export function spanLosses(scores: Value, length: Dim): Value {
  const batch = lastPositions.value.shape[0]!;
  const isToken = lessOrEqual(iota(length), reshape(lastPositions.value, [batch, 1]));
  const padding = where(isToken, scalar(0, 'float32'), scalar(Number.NEGATIVE_INFINITY, 'float32'));
  const losses = [answerStarts, answerEnds].map(({ value: places }, column) => {
    const ofTokens = slice(scores, 1, column, column + 1);
    const at = flatRows(reshape(places, [batch, 1]), length);
    const ofAnswer = reshape(gather(ofTokens, at), [batch]);
    return subtract(logSumExp(add(reshape(ofTokens, [batch, length]), padding)), ofAnswer);
  });
  return multiply(add(losses[0]!, losses[1]!), 0.5);
}
