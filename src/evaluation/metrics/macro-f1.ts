/** @file Macro F1: the unweighted mean of the labels' F1 (scikit-learn's `f1_score`, average="macro"). */
import { countedScorer } from './confusion.js';
import type { Metric } from './metric.js';

export const macroF1: Metric = {
  name: 'macro-f1',
  needs: 'labels',
  better: 'higher',
  scale: 1,
  hasInterval: true,
  signature: () => 'mean of F1 over the labels that occur',
  scorer: (rows) =>
    countedScorer(rows, ({ actual, predicted, right }) => {
      let [sum, labels] = [0, 0];
      for (let i = 0; i < actual.length; i++) {
        const occurrences = actual[i]! + predicted[i]!;
        if (occurrences === 0) continue;
        sum += (2 * right[i]!) / occurrences;
        labels++;
      }
      return sum / labels;
    }),
};
