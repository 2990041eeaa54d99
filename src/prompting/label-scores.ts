/** @file From log-probabilities of words to those of labels: verbalizers, contextual calibration, ensembles. */

/**
 * How the probabilities of a label's words become its own: their mean, so that a label with more words has no
 * advantage, or their sum.
 */
export const wordProbabilities = ['mean', 'sum'] as const;
export type WordProbability = (typeof wordProbabilities)[number];

/** log Σ exp(x), or −∞ of none. */
function logSumExp(values: readonly number[]): number {
  const highest = Math.max(...values);
  if (highest === Number.NEGATIVE_INFINITY) return highest;
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

/** Log-probabilities that add up to 1. */
export function normalized(scores: readonly number[]): number[] {
  const total = logSumExp(scores);
  return scores.map((score) => score - total);
}

/** log p of each label among the labels, from log p of each of its words. */
export function labelScores(wordScores: readonly (readonly number[])[], how: WordProbability): number[] {
  return normalized(
    wordScores.map((scores) => logSumExp(scores) - (how === 'mean' ? Math.log(scores.length) : 0)),
  );
}

/**
 * Contextual calibration (Zhao et al. 2021, arXiv:2102.09690): every label's probability is divided by the one that
 * it has for inputs without content, the mean of theirs, so that what the prompt alone prefers counts for nothing.
 */
export function calibrated(scores: readonly number[], contentFree: readonly (readonly number[])[]): number[] {
  return normalized(
    scores.map((score, label) => {
      const prior = logSumExp(contentFree.map((free) => free[label]!)) - Math.log(contentFree.length);
      return score - prior;
    }),
  );
}

/** Several templates as one: the mean of their log-probabilities. */
export function ensemble(ofTemplates: readonly (readonly number[])[]): number[] {
  const sums = ofTemplates[0]!.map((_, label) =>
    ofTemplates.reduce((sum, scores) => sum + scores[label]!, 0),
  );
  return normalized(sums.map((sum) => sum / ofTemplates.length));
}
