/**
 * @file ROUGE-1, ROUGE-2 and ROUGE-L (Lin 2004) as in rouge_score: F-measures with the best reference, averaged over
 *   rows. Words are lowercase runs of a-z and 0-9, optionally stemmed by Porter's stemmer. For Chinese, which has none
 *   of these, each Chinese character is a word.
 */
import { averaged, type Metric } from './metric.js';
import { stem } from './porter-stemmer.js';
import { countCommon, countNgrams, fMeasure } from './text.js';

type Tokenize = (text: string) => string[];

const plain: Tokenize = (text) => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
const stemmed: Tokenize = (text) => plain(text).map((word) => (word.length > 3 ? stem(word) : word));
const chinese: Tokenize = (text) => text.toLowerCase().match(/[a-z0-9]+|[\u3400-\u9fff]/g) ?? [];

function rougeMetric(name: string, kind: 1 | 2 | 'L', tokenize: Tokenize, words: string): Metric {
  const compare = kind === 'L' ? subsequenceScore : ngramScore(kind);
  return {
    name,
    needs: 'texts',
    better: 'higher',
    scale: 1,
    hasInterval: true,
    signature: () => `F-measure, ${words}, best reference`,
    scorer: (rows) =>
      averaged(
        rows.map(({ prediction, references }) => {
          const found = tokenize(prediction);
          return Math.max(...references.map((reference) => compare(found, tokenize(reference))));
        }),
      ),
  };
}

/** A name for each kind of word: `rouge-1`, `rouge-1-stem`, `rouge-1-zh` and so on. */
export const rouge: readonly Metric[] = ([1, 2, 'L'] as const).flatMap((kind) => {
  const name = `rouge-${String(kind).toLowerCase()}`;
  return [
    rougeMetric(name, kind, plain, 'no stemming'),
    rougeMetric(`${name}-stem`, kind, stemmed, "Porter's stemming"),
    rougeMetric(`${name}-zh`, kind, chinese, 'Chinese by characters'),
  ];
});

function ngramScore(n: number) {
  return (found: readonly string[], reference: readonly string[]) => {
    const common = countCommon(countNgrams(found, n), countNgrams(reference, n));
    const countOf = ({ length }: readonly string[]) => Math.max(1, length - n + 1);
    return fMeasure(common / countOf(found), common / countOf(reference));
  };
}

function subsequenceScore(found: readonly string[], reference: readonly string[]): number {
  if (found.length === 0 || reference.length === 0) return 0;
  const common = longestCommonSubsequence(found, reference);
  return fMeasure(common / found.length, common / reference.length);
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    const next = new Uint32Array(b.length + 1);
    for (const [j, other] of b.entries())
      next[j + 1] = word === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!);
    row = next;
  }
  return row[b.length]!;
}
