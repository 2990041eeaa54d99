/**
 * @file Distinct-n (Li et al. 2016, arXiv:1510.03055): how many of all n-grams that were generated differ from each
 *   other. A Chinese character is a word of its own.
 */
import type { Metric } from './metric.js';
import { words } from './text.js';

function distinctMetric(n: 1 | 2): Metric {
  return {
    name: `distinct-${n}`,
    needs: 'texts',
    better: 'higher',
    scale: 1,
    hasInterval: false, // a resample holds rows twice, whose n-grams are the same
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
