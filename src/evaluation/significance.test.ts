import { describe, expect, it } from 'vitest';
import type { ScoredRow } from './metrics/metric.js';
import { metricNamed } from './metrics/registry.js';
import { bootstrapInterval, compareRuns, holm } from './significance.js';

const accuracy = metricNamed('accuracy');
/** Rows of which the first `right` are right. */
const labeled = (right: number, of: number): ScoredRow[] =>
  Array.from({ length: of }, (_, i) => ({ prediction: i < right ? 'a' : 'b', references: ['a'] }));

describe('bootstrapInterval', () => {
  it('of a share is that of the binomial distribution', () => {
    const rows = labeled(80, 100);
    const { low, high } = bootstrapInterval(accuracy.scorer(rows), rows.length, {
      resamples: 4000,
      confidence: 0.9,
    });
    // 5 % and 95 % of Binomial(100, 0.8), by SciPy, are 0.73 and 0.86; a score is a whole number of hundredths.
    expect(Math.abs(low - 0.73)).toBeLessThan(0.011);
    expect(Math.abs(high - 0.86)).toBeLessThan(0.011);
  });

  it('is fixed by its seed, narrower with less confidence, and a point where all rows are alike', () => {
    const rows = labeled(30, 50);
    const of = (options: object) => bootstrapInterval(accuracy.scorer(rows), 50, options);
    expect(of({ seed: 3 })).toEqual(of({ seed: 3 }));
    expect(of({ seed: 3, resamples: 200 })).not.toEqual(of({ seed: 4, resamples: 200 }));
    expect(of({ confidence: 0.5 }).low).toBeGreaterThan(of({}).low);
    expect(bootstrapInterval(accuracy.scorer(labeled(9, 9)), 9)).toEqual({ low: 1, high: 1 });
  });
});

describe('compareRuns', () => {
  it('has the p-value of the sign test, where rows are right or wrong', () => {
    // Run b is right in 10 rows where a is not, and wrong in 2 where a is right; the others do not matter. Of 12
    // coins 10 or more, or 2 or fewer, show the same side with p = 2 · (1 + 12 + 66) / 4096 = 0.0386.
    const a = labeled(2, 30);
    const b = a.map((row, i) => ({ ...row, prediction: i >= 2 && i < 12 ? 'a' : 'b' }));
    const { difference, interval, pValue } = compareRuns(accuracy, a, b);
    expect(difference).toBeCloseTo(8 / 30, 12);
    expect(pValue).toBeCloseTo((2 * 79) / 4096, 2);
    // 8/30 ± 1.96 · sqrt((12/30 - (8/30)²) / 30)
    expect(interval!.low).toBeCloseTo(0.061, 1);
    expect(interval!.high).toBeCloseTo(0.472, 1);
  });

  it('finds nothing between a run and itself, and much between all right and all wrong', () => {
    const [none, all] = [labeled(0, 40), labeled(40, 40)];
    expect(compareRuns(accuracy, all, all)).toEqual({
      difference: 0,
      interval: { low: 0, high: 0 },
      pValue: 1,
    });
    expect(compareRuns(accuracy, none, all, { trials: 999 }).pValue).toBe(1 / 1000);
    expect(compareRuns(accuracy, all, none).difference).toBe(-1);
  });

  it('supports scores that are not means over rows, such as BLEU, and is fixed by its seed', () => {
    const texts = ['the cat sat on the mat', 'a dog ran to the big house', 'we like the green tea of china'];
    const a = texts.map((text) => ({ prediction: text.split(' ').slice(1).join(' '), references: [text] }));
    const b = texts.map((text) => ({ prediction: text, references: [text] }));
    const found = compareRuns(metricNamed('bleu'), a, b, { seed: 1 });
    // Of 8 exchanges of three rows only none and all give the difference: 2 / 8.
    expect(found.pValue).toBeCloseTo(0.25, 1);
    expect(found).toEqual(compareRuns(metricNamed('bleu'), a, b, { seed: 1 }));
    expect(compareRuns(metricNamed('distinct-1'), a, b)).toEqual({ difference: expect.closeTo(0, 1) });
  });
});

describe('holm', () => {
  it('corrects each p-value as R does', () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.9), "holm")
    expect(holm([0.01, 0.04, 0.03, 0.005, 0.9]).map((p) => Number(p.toFixed(6)))).toEqual([
      0.04, 0.09, 0.09, 0.025, 0.9,
    ]);
    expect(holm([])).toEqual([]);
  });
});
