/** @file chrF2 (Popović 2015) as in sacreBLEU: the F-score of character n-grams that text and reference share. */
import { type Metric, type ScoredRow, summed } from './metric.js';
import { referenceCount, sacrebleuVersion } from './sacrebleu.js';
import { charactersOf, countCommon, countNgrams } from './text.js';

const orders = [1, 2, 3, 4, 5, 6] as const;
/** Recall weighs β² times as much as precision. */
const beta = 2;

export const chrf2: Metric = {
  name: 'chrf2',
  needs: 'texts',
  better: 'higher',
  scale: 100,
  hasInterval: true,
  signature: (rows) =>
    `nrefs:${referenceCount(rows)}|case:mixed|eff:yes|nc:6|nw:0|space:no|version:${sacrebleuVersion}`,
  scorer: (rows) => summed(rows.map(statisticsOf), chrfOf),
};

/** The n-grams of text and reference and those in common, per n, for the best reference. */
function statisticsOf({ prediction, references }: ScoredRow): number[] {
  const found = charactersOf(prediction);
  const all = references.map((reference) => {
    const referenceCharacters = charactersOf(reference);
    return orders.flatMap((n) => {
      const [inText, inReference] = [found, referenceCharacters].map(({ length }) =>
        Math.max(0, length - n + 1),
      );
      const common = countCommon(countNgrams(found, n), countNgrams(referenceCharacters, n));
      return [inReference === 0 ? 0 : inText!, inReference!, common];
    });
  });
  return all.reduce((best, one) => (chrfOf(one) > chrfOf(best) ? one : best));
}

/** Spaces are ignored. Precision and recall are averaged over the n that both text and reference have. */
function chrfOf(sums: ArrayLike<number>): number {
  let [precision, recall, scored] = [0, 0, 0];
  for (let i = 0; i < orders.length; i++) {
    const [inText, inReference, common] = [sums[3 * i]!, sums[3 * i + 1]!, sums[3 * i + 2]!];
    if (inText === 0 || inReference === 0) continue;
    precision += common / inText;
    recall += common / inReference;
    scored++;
  }
  if (precision + recall === 0) return 0;
  precision /= scored;
  recall /= scored;
  return (100 * (1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall);
}
