/** @file Multiclass Matthews correlation coefficient (scikit-learn's `matthews_corrcoef`; Gorodkin 2004). */
import { countedScorer } from './confusion.js';
import type { Metric } from './metric.js';

const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

export const mcc: Metric = {
  name: 'mcc',
  needs: 'labels',
  better: 'higher',
  scale: 1,
  hasInterval: true,
  signature: () => 'from -1 to 1; 0: no better than chance',
  scorer: (rows) =>
    countedScorer(rows, ({ actual, predicted, right }) => {
      const count = sum(actual);
      const product = (a: Float64Array, b: Float64Array) => sum(a.map((value, i) => value * b[i]!));
      const covariance = sum(right) * count - product(actual, predicted);
      const spread = (count ** 2 - product(predicted, predicted)) * (count ** 2 - product(actual, actual));
      return spread === 0 ? 0 : covariance / Math.sqrt(spread);
    }),
};
