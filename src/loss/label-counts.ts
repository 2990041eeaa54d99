/** @file Counts labels of batches, and those that a head predicts correctly. */
import type { EncodedExample } from '../text/encode.js';

/** The number of label tokens in `examples`, as a training step counts them. */
export function countLabels(
  examples: readonly EncodedExample[],
  { countsFirst }: { readonly countsFirst: boolean },
): number {
  let count = 0;
  for (const { lossMask } of examples) {
    for (let i = countsFirst ? 0 : 1; i < lossMask.length; i++) count += lossMask[i]!;
  }
  return count;
}

/** The number of labels of `examples` with the highest score in their row of `scores` [labels, classes]. */
export function countCorrect(examples: readonly EncodedExample[], scores: Float32Array): number {
  const labels = examples.flatMap(({ lossMask, labels: own }) => [...own!].filter((_, i) => lossMask[i]));
  const classes = scores.length / labels.length;
  return labels.filter((label, row) => {
    const ofRow = scores.subarray(row * classes, (row + 1) * classes);
    return ofRow.indexOf(Math.max(...ofRow)) === label;
  }).length;
}
