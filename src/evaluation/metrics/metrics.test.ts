import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.js';
import { allOf, type Metric, type ScoredRow } from './metric.js';
import fixture from './metrics.fixture.json' with { type: 'json' };
import { stem } from './porter-stemmer.js';
import { metricNamed, metrics } from './registry.js';
import { bleuTokens } from './tokenizers.js';

const scoreOf = (name: string, rows: readonly ScoredRow[]) => metricNamed(name).scorer(rows).of(allOf(rows));
const rowScores = (name: string, rows: readonly ScoredRow[]) => {
  const scorer = metricNamed(name).scorer(rows);
  return rows.map((_, i) => scorer.row!(i));
};

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i], `row ${i + 1}`).toBeCloseTo(value, 10);
}

const firstOnly = (rows: readonly ScoredRow[]) =>
  rows.map((row) => ({ ...row, references: row.references.slice(0, 1) }));
const { english, chinese } = fixture;

describe('BLEU and chrF are those of sacreBLEU', () => {
  it.each([
    ['english1', 'bleu', '13a', firstOnly(english)],
    ['english2', 'bleu', '13a', english],
    ['chinese1', 'bleu-zh', 'zh', firstOnly(chinese)],
    ['chinese2', 'bleu-zh', 'zh', chinese],
  ] as const)('%s', (name, metric, tokenizer, rows) => {
    const expected = fixture.sacrebleu[name];
    expect(rows.map(({ prediction }) => bleuTokens(prediction, tokenizer))).toEqual(expected.tokens);
    expect(scoreOf(metric, rows)).toBeCloseTo(expected.bleu, 10);
    expect(scoreOf('chrf2', rows)).toBeCloseTo(expected.chrf2, 10);
    expect(metricNamed(metric).signature(rows)).toBe(expected.bleuSignature);
    expect(metricNamed('chrf2').signature(rows)).toBe(expected.chrf2Signature);
    expectClose(rowScores(metric, rows), expected.bleuRows);
    expectClose(rowScores('chrf2', rows), expected.chrf2Rows);
  });

  it('a signature says so where rows differ in their number of references', () => {
    expect(metricNamed('bleu').signature([english[0]!, firstOnly(english)[1]!])).toMatch(/^nrefs:var\|/);
  });
});

it.each([
  ['', 'plain', english],
  ['-stem', 'stem', english],
  ['-zh', 'zh', chinese],
] as const)('ROUGE%s is that of rouge_score, row by row', (suffix, kind, rows) => {
  const expected = fixture.rouge[kind];
  expectClose(rowScores(`rouge-1${suffix}`, rows), expected.rouge1);
  expectClose(rowScores(`rouge-2${suffix}`, rows), expected.rouge2);
  expectClose(rowScores(`rouge-l${suffix}`, rows), expected.rougeL);
  const mean = expected.rougeL.reduce((a, b) => a + b) / rows.length;
  expect(scoreOf(`rouge-l${suffix}`, rows)).toBeCloseTo(mean, 10);
});

it('the stemmer is that of NLTK', () => {
  const words = Object.keys(fixture.stems);
  expect(words.length).toBeGreaterThan(300);
  expect(Object.fromEntries(words.map((word) => [word, stem(word)]))).toEqual(fixture.stems);
});

it.each([
  ['SQuAD', 'squad', '', english],
  ['MLQA for Chinese', 'mlqa', '-zh', chinese],
] as const)('exact match and F1 are those of %s, row by row', (_, kind, suffix, rows) => {
  expectClose(rowScores(`exact-match${suffix}`, rows), fixture[kind].exact);
  expectClose(rowScores(`f1${suffix}`, rows), fixture[kind].f1);
});

it('NIST is that of mteval', () => {
  const { rows, one, two } = fixture.nist;
  expect(scoreOf('nist', rows)).toBeCloseTo(two, 10);
  expect(scoreOf('nist', firstOnly(rows))).toBeCloseTo(one, 10);
});

const { actual, probabilities, ...labelScores } = fixture.labels;
const labeled: ScoredRow[] = actual.map((label, i) => {
  const ofRow: Record<string, number> = probabilities[i]!;
  const prediction = Object.keys(ofRow).reduce((best, name) => (ofRow[name]! > ofRow[best]! ? name : best));
  return { prediction, references: [label], probabilities: ofRow };
});

it('scores of labels are those of scikit-learn, and the calibration error that of torchmetrics', () => {
  expect(scoreOf('accuracy', labeled)).toBeCloseTo(labelScores.accuracy, 12);
  expect(scoreOf('macro-f1', labeled)).toBeCloseTo(labelScores.macroF1, 12);
  expect(scoreOf('mcc', labeled)).toBeCloseTo(labelScores.mcc, 12);
  expect(scoreOf('ece', labeled)).toBeCloseTo(labelScores.ece, 6); // torchmetrics computes in float32
});

it('with a single label, MCC is 0 and the other scores are of that label', () => {
  const rows = [1, 2, 3].map(() => ({ prediction: 'a', references: ['a'] }));
  expect(['accuracy', 'macro-f1', 'mcc'].map((name) => scoreOf(name, rows))).toEqual([1, 1, 0]);
});

it('bins of the calibration error hold their upper ends (equation 3 of its paper)', () => {
  const row = (confidence: number, reference: string): ScoredRow => ({
    prediction: 'a',
    references: [reference],
    probabilities: { a: confidence, b: 1 - confidence },
  });
  // 0.6 and 0.62 are in (8/15, 9/15] and (9/15, 10/15]: |0.6 - 1| / 2 + |0.62 - 0| / 2.
  expect(scoreOf('ece', [row(0.6, 'a'), row(0.62, 'b')])).toBeCloseTo(0.51, 10);
  expect(scoreOf('ece', [row(1, 'a')])).toBe(0);
});

it('distinct-n counts n-grams of all rows together, of which Chinese characters are words', () => {
  const rows = ['a cat a cat', 'a 猫猫'].map((prediction) => ({ prediction, references: ['x'] }));
  expect(scoreOf('distinct-1', rows)).toBeCloseTo(3 / 7, 12); // a cat a cat a 猫 猫
  expect(scoreOf('distinct-2', rows)).toBeCloseTo(4 / 5, 12); // a cat, cat a, a cat, a 猫, 猫 猫
  expect(scoreOf('distinct-1', [{ prediction: '', references: ['x'] }])).toBe(0);
});

describe('every metric', () => {
  const rowsFor = ({ needs }: Metric) => (needs === 'texts' ? english : labeled);

  it.each(metrics.map((metric) => [metric.name, metric] as const))(
    '%s is a function of the rows that are chosen',
    (_, metric) => {
      const rows = rowsFor(metric);
      const scorer = metric.scorer(rows);
      const chosen = [3, 0, 4];
      const value = scorer.of(chosen);
      expect(value).toBeCloseTo(scorer.of([0, 3, 4]), 12);
      const alone = chosen.map((index) => rows[index]!);
      // NIST's information is that of all references, which is what it is about.
      if (metric.name !== 'nist') expect(value).toBeCloseTo(metric.scorer(alone).of([0, 1, 2]), 10);
      expect(metric.signature(rows)).not.toBe('');
    },
  );

  it.each(
    metrics
      .filter(({ needs, scale }) => needs === 'texts' && scale > 0)
      .map(({ name, scale }) => [name, scale]),
  )('%s of the references themselves is at most %d', (name, scale) => {
    // A text of one word has no pair of words, and ROUGE-2 counts nothing in common.
    const several = english.filter(({ references }) => references[0]!.includes(' '));
    const rows = several.map(({ references }) => ({ prediction: references[0]!, references }));
    const value = scoreOf(name, rows);
    if (!name.startsWith('distinct') && !name.endsWith('-zh')) expect(value).toBeCloseTo(scale, 8);
    expect(value).toBeLessThanOrEqual(scale + 1e-9);
  });

  it('is found by its name, and a wrong name gets a suggestion', () => {
    expect(metrics.map(({ name }) => metricNamed(name).name)).toEqual([
      ...new Set(metrics.map(({ name }) => name)),
    ]);
    expect(() => metricNamed('rogue-l')).toThrow(
      new UsageError('there is no metric "rogue-l"; did you mean "rouge-l"?', { code: 'unknown-name' }),
    );
    expect(() => metricNamed('perfection')).toThrow(/expected one of accuracy, macro-f1/);
  });
});
