/**
 * @file Expected calibration error (Guo et al. 2017, arXiv:1706.04599, equation 3): the gap between the probability of
 *   the chosen label and its accuracy, over 15 equally wide bins of probability.
 */
import { type Metric, summed } from './metric.js';

const bins = 15;

export const calibrationError: Metric = {
  name: 'ece',
  needs: 'probabilities',
  better: 'lower',
  scale: 1,
  // Bins of a resample have fewer distinct rows than those of the data, so its error is biased upwards.
  hasInterval: false,
  signature: () => `${bins} bins of equal width`,
  scorer(rows) {
    const statistics = rows.map(({ prediction, references, probabilities }) => {
      const confidence = probabilities![prediction]!;
      const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1)); // (0, 1/15], (1/15, 2/15] …
      const counts = new Float64Array(2 * bins + 1);
      counts[bin] = confidence;
      counts[bins + bin] = Number(prediction === references[0]);
      counts[2 * bins] = 1;
      return counts;
    });
    const { of } = summed(statistics, (sums) => {
      let error = 0;
      for (let bin = 0; bin < bins; bin++) error += Math.abs(sums[bin]! - sums[bins + bin]!);
      return error / sums[2 * bins]!;
    });
    return { of };
  },
};
