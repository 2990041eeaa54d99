/** @file Answers as spans of tokens: the best span by a head's scores, and the number of correct ones. */
import { type EncodedExample, noLabel } from '../text/encode.js';

/** Longest answer in tokens. */
const longestAnswer = 30;

export interface Span {
  /** The first and the last token. */
  readonly start: number;
  readonly end: number;
}

/** The scores [tokens, 2] of each example, from those of a padded batch [examples, length, 2]. */
export function scoresByExample(examples: readonly EncodedExample[], scores: Float32Array): Float32Array[] {
  const width = scores.length / examples.length;
  return examples.map(({ inputIds }, row) => scores.subarray(row * width, row * width + 2 * inputIds.length));
}

/** The span with the highest sum of start and end score, among tokens whose label is not `noLabel`. */
export function bestSpan(scores: Float32Array, labels: Int32Array): Span {
  let best = { start: 0, end: 0, score: Number.NEGATIVE_INFINITY };
  for (let start = 0; start < labels.length; start++) {
    for (let end = start; end < Math.min(labels.length, start + longestAnswer); end++) {
      if (labels[start] === noLabel || labels[end] === noLabel) break;
      const score = scores[2 * start]! + scores[2 * end + 1]!;
      if (score > best.score) best = { start, end, score };
    }
  }
  return { start: best.start, end: best.end };
}

/** The number of answers that match those of the examples exactly. */
export function countExactSpans(examples: readonly EncodedExample[], scores: Float32Array): number {
  const own = scoresByExample(examples, scores);
  return examples.filter(({ labels, lossMask }, row) => {
    const start = lossMask.indexOf(1);
    const found = bestSpan(own[row]!, labels!);
    return found.start === start && found.end === labels![start];
  }).length;
}
