/** @file Accuracy: the fraction of correct labels (scikit-learn's `accuracy_score`). */
import { averaged, type Metric } from './metric.js';

export const accuracy: Metric = {
  name: 'accuracy',
  needs: 'labels',
  better: 'higher',
  scale: 1,
  hasInterval: true,
  signature: () => 'share of rows',
  scorer: (rows) => averaged(rows.map(({ prediction, references }) => Number(prediction === references[0]))),
};
