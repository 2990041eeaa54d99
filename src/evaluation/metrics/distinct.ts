/**
 * @file Distinct-n (Li et al. 2016, arXiv:1510.03055): the fraction of distinct n-grams among all generated ones. A
 *   Chinese character is a word.
 */
import type { Metric } from './metric.js';
import { words } from './text.js';

function distinctMetric(n: 1 | 2): Metric {
  return {
    name: `distinct-${n}`,
    needs: 'texts',
    better: 'higher',
    scale: 1,
    hasInterval: false, // a resample repeats rows, and so their n-grams
    signature: () => 'words between spaces, Chinese by characters',
    scorer(rows) {
      const grams = rows.map(({ prediction }) => {
        const parts = words(prediction.replace(/[\u3400-\u9fff]/g, ' $& '));
        return Array.from({ length: Math.max(0, parts.length - n + 1) }, (_, i) =>
          parts.slice(i, i + n).join(' '),
        );
      });
      return {
        of(indices) {
          const different = new Set<string>();
          let all = 0;
          for (const index of Array.from(indices)) {
            for (const gram of grams[index]!) different.add(gram);
            all += grams[index]!.length;
          }
          return all === 0 ? 0 : different.size / all;
        },
      };
    },
  };
}

export const distinct1 = distinctMetric(1);
export const distinct2 = distinctMetric(2);
