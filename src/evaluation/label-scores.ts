/** @file Turns log-probabilities of words into those of labels: verbalizers, contextual calibration, ensembles. */

/** How a label's probability follows from its words': their mean, which gives no advantage to more words, or sum. */
export const wordProbabilities = ['mean', 'sum'] as const;
export type WordProbability = (typeof wordProbabilities)[number];

/** log Σ exp(x), or −∞ without values. */
function logSumExp(values: readonly number[]): number {
  const highest = Math.max(...values);
  if (highest === Number.NEGATIVE_INFINITY) return highest;
  return highest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - highest), 0));
}

/** Normalizes log-probabilities, so that the probabilities add up to 1. */
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
 * Contextual calibration (Zhao et al. 2021, arXiv:2102.09690): divides every label's probability by its mean for inputs
 * without content, which removes the prompt's own bias.
 */
export function calibrated(scores: readonly number[], contentFree: readonly (readonly number[])[]): number[] {
  return normalized(
    scores.map((score, label) => {
      const prior = logSumExp(contentFree.map((free) => free[label]!)) - Math.log(contentFree.length);
      return score - prior;
    }),
  );
}

/** An ensemble of templates: the mean of their log-probabilities. */
export function ensemble(ofTemplates: readonly (readonly number[])[]): number[] {
  const sums = ofTemplates[0]!.map((_, label) =>
    ofTemplates.reduce((sum, scores) => sum + scores[label]!, 0),
  );
  return normalized(sums.map((sum) => sum / ofTemplates.length));
}
