/** @file BLEU (Papineni et al. 2002) as in sacreBLEU (Post 2018): 4-grams, exponential smoothing, case-sensitive. */
import { type Metric, type ScoredRow, summed } from './metric.js';
import { referenceCount, sacrebleuVersion } from './sacrebleu.js';
import { countCommon, countNgrams, highestCounts } from './text.js';
import { type BleuTokenizer, bleuTokens } from './tokenizers.js';

const longest = 4;
const orders = [1, 2, 3, 4] as const;

function bleuMetric(name: string, tokenizer: BleuTokenizer): Metric {
  return {
    name,
    needs: 'texts',
    better: 'higher',
    scale: 100,
    hasInterval: true,
    signature: (rows) =>
      `nrefs:${referenceCount(rows)}|case:mixed|eff:no|tok:${tokenizer}|smooth:exp|version:${sacrebleuVersion}`,
    scorer(rows) {
      const statistics = rows.map((row) => statisticsOf(row, tokenizer));
      const { of } = summed(statistics, (sums) => bleuOf(sums, false));
      return { of, row: (index) => bleuOf(statistics[index]!, true) };
    },
  };
}

export const bleu = bleuMetric('bleu', '13a');
export const bleuZh = bleuMetric('bleu-zh', 'zh');

/** Length, length of the nearest reference, then per n the matching n-grams and all n-grams. */
function statisticsOf({ prediction, references }: ScoredRow, tokenizer: BleuTokenizer): number[] {
  const found = bleuTokens(prediction, tokenizer);
  const referenceTokens = references.map((reference) => bleuTokens(reference, tokenizer));
  const distance = (length: number) => Math.abs(length - found.length);
  const nearest = referenceTokens
    .map(({ length }) => length)
    .reduce((best, length) =>
      distance(length) < distance(best) || (distance(length) === distance(best) && length < best)
        ? length
        : best,
    );
  const matches = orders.map((n) =>
    countCommon(
      countNgrams(found, n),
      highestCounts(referenceTokens.map((tokens) => countNgrams(tokens, n))),
    ),
  );
  const totals = orders.map((n) => Math.max(0, found.length - n + 1));
  return [found.length, nearest, ...matches, ...totals];
}

/** @param effective whether to score texts of fewer than four tokens by the n-grams they have, for single rows */
function bleuOf(sums: ArrayLike<number>, effective: boolean): number {
  const [length, nearest, ...counts] = Array.from(sums);
  const [matches, totals] = [counts.slice(0, longest), counts.slice(longest)];
  if (!matches.some((count) => count > 0)) return 0;
  let smoothing = 1;
  let logSum = 0;
  let scored = 0;
  for (const [i, total] of totals.entries()) {
    if (total === 0) break;
    if (matches[i] === 0) smoothing *= 2;
    logSum += Math.log(matches[i] === 0 ? 100 / (smoothing * total) : (100 * matches[i]!) / total);
    scored++;
  }
  if (scored < longest && !effective) return 0;
  const brevity = length! < nearest! ? Math.exp(1 - nearest! / length!) : 1;
  return brevity * Math.exp(logSum / scored);
}
