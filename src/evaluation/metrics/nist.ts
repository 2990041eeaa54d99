/**
 * @file NIST (Doddington 2002) as in mteval-v13a: matching n-grams up to 5, weighted by their information, which is
 *   higher the rarer they are in the references. Case-insensitive.
 */
import { type Metric, type ScoredRow, summed } from './metric.js';
import { countNgrams, highestCounts } from './text.js';
import { bleuTokens } from './tokenizers.js';

const orders = [1, 2, 3, 4, 5] as const;
/** The brevity penalty is one half for an output of two thirds of the reference's length. */
const beta = -Math.log(0.5) / Math.log(1.5) ** 2;

const tokensOf = (text: string) => bleuTokens(text, '13a').map((token) => token.toLowerCase());

export const nist: Metric = {
  name: 'nist',
  needs: 'texts',
  better: 'higher',
  scale: 0,
  hasInterval: true,
  signature: () => 'mteval-v13a, 5-grams, case does not count',
  scorer(rows) {
    const information = informationIn(rows);
    return summed(
      rows.map((row) => statisticsOf(row, information)),
      nistOf,
    );
  },
};

/** -log2 of an n-gram's frequency among those with the same first n - 1 words, in the references of all rows. */
function informationIn(rows: readonly ScoredRow[]): (gram: string) => number {
  const counts = new Map<string, number>();
  let total = 0;
  for (const reference of rows.flatMap(({ references }) => references)) {
    const tokens = tokensOf(reference);
    total += tokens.length;
    for (const n of orders)
      for (const [gram, count] of countNgrams(tokens, n)) counts.set(gram, (counts.get(gram) ?? 0) + count);
  }
  return (gram) => {
    const end = gram.lastIndexOf('\u0000');
    return Math.log2((end < 0 ? total : counts.get(gram.slice(0, end))!) / counts.get(gram)!);
  };
}

/** Length, mean length of the references, then per n the matching information and all n-grams. */
function statisticsOf(
  { prediction, references }: ScoredRow,
  information: (gram: string) => number,
): number[] {
  const found = tokensOf(prediction);
  const referenceTokens = references.map(tokensOf);
  const length = referenceTokens.reduce((sum, tokens) => sum + tokens.length, 0) / referenceTokens.length;
  return [
    found.length,
    length,
    ...orders.flatMap((n) => {
      const allowed = highestCounts(referenceTokens.map((tokens) => countNgrams(tokens, n)));
      let matched = 0;
      for (const [gram, count] of countNgrams(found, n)) {
        const matches = Math.min(count, allowed.get(gram) ?? 0);
        if (matches > 0) matched += matches * information(gram);
      }
      return [matched, Math.max(0, found.length - n + 1)];
    }),
  ];
}

function nistOf(sums: ArrayLike<number>): number {
  let score = 0;
  for (const n of orders) score += sums[2 * n]! / Math.max(1, sums[2 * n + 1]!);
  const ratio = Math.min(1, sums[0]! / sums[1]!);
  return ratio === 0 ? 0 : score * Math.exp(-beta * Math.log(ratio) ** 2);
}
