/**
 * @file Exact match and F1 of answers, by SQuAD's rules (Rajpurkar et al. 2018): case, punctuation, articles and spaces
 *   are ignored, and the best reference counts. For Chinese by MLQA's rules (Lewis et al. 2020): each character is a
 *   token.
 */
import { averaged, type Metric, type ScoredRow } from './metric.js';
import { countCommon, countNgrams, fMeasure, words } from './text.js';

type Language = 'en' | 'zh';

const asciiPunctuation = /[!-/:-@[-`{-~]/g;
const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;
const article = /(?<![\p{L}\p{N}_])(a|an|the)(?![\p{L}\p{N}_])/gu;

/** The normalized tokens of an answer. */
function answerTokens(answer: string, language: Language): string[] {
  const lower = answer.toLowerCase();
  return language === 'en'
    ? words(lower.replace(asciiPunctuation, '').replace(article, ' '))
    : words(lower.replace(punctuation, '').replace(/[\u4e00-\u9fa5]/g, ' $& '));
}

function exactness(prediction: readonly string[], reference: readonly string[]): number {
  return Number(prediction.join(' ') === reference.join(' '));
}

function overlap(prediction: readonly string[], reference: readonly string[]): number {
  if (prediction.length === 0 || reference.length === 0) return exactness(prediction, reference);
  const common = countCommon(countNgrams(prediction, 1), countNgrams(reference, 1));
  return fMeasure(common / prediction.length, common / reference.length);
}

function answerMetric(name: string, language: Language, compare: typeof overlap): Metric {
  const scoreOf = ({ prediction, references }: ScoredRow) =>
    Math.max(
      ...references.map((reference) =>
        compare(answerTokens(prediction, language), answerTokens(reference, language)),
      ),
    );
  return {
    name,
    needs: 'texts',
    better: 'higher',
    scale: 100,
    hasInterval: true,
    signature: () => (language === 'en' ? "SQuAD 2.0's normalization" : "MLQA's normalization for zh"),
    scorer: (rows) => averaged(rows.map((row) => 100 * scoreOf(row))),
  };
}

export const exactMatch = answerMetric('exact-match', 'en', exactness);
export const answerF1 = answerMetric('f1', 'en', overlap);
export const exactMatchZh = answerMetric('exact-match-zh', 'zh', exactness);
export const answerF1Zh = answerMetric('f1-zh', 'zh', overlap);
