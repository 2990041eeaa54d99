/** @file chrF2 (Popović 2015): how many character n-grams of a translation and of its reference are the same. */

const longest = 6;
/** Recall counts β² times as much as precision. */
const beta = 2;

/**
 * chrF of a whole test set, 0 to 100: matches, candidates' and references' n-grams are summed over all pairs for each n
 * from 1 to 6, and the F-scores of the n that occur averaged. Spaces do not count.
 */
export function chrf(candidates: readonly string[], references: readonly string[]): number {
  const scores: number[] = [];
  for (let n = 1; n <= longest; n++) {
    let matches = 0;
    let inCandidates = 0;
    let inReferences = 0;
    for (const [i, reference] of references.entries()) {
      const wanted = ngrams(reference, n);
      const found = ngrams(candidates[i]!, n);
      for (const [gram, count] of found) matches += Math.min(count, wanted.get(gram) ?? 0);
      inCandidates += total(found);
      inReferences += total(wanted);
    }
    if (inReferences === 0) break;
    const precision = inCandidates === 0 ? 0 : matches / inCandidates;
    const recall = matches / inReferences;
    const weighted = beta ** 2 * precision + recall;
    scores.push(weighted === 0 ? 0 : ((1 + beta ** 2) * precision * recall) / weighted);
  }
  return scores.length === 0 ? 0 : (100 * scores.reduce((a, b) => a + b)) / scores.length;
}

function ngrams(text: string, n: number): Map<string, number> {
  const characters = [...text.replace(/\s/g, '')];
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= characters.length; i++) {
    const gram = characters.slice(i, i + n).join('');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((a, b) => a + b, 0);
}
