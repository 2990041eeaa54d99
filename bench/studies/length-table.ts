/** @file The table of the study of lengths and initializations: one row per initialization, one column per length. */
import { formatSpread, spreadOf } from '../../src/comparison/table.js';
import type { ScoredRow } from '../../src/evaluation/metrics/metric.js';
import { metricNamed } from '../../src/evaluation/metrics/registry.js';
import { bootstrapInterval, type Interval } from '../../src/evaluation/significance.js';

/** The result for one length and initialization. */
export interface Outcome {
  readonly init: string;
  readonly length: number;
  /** The accuracy of each seed. */
  readonly accuracies: readonly number[];
  /** The interval of their mean, over test rows. */
  readonly interval: Interval;
}

/**
 * The interval of the mean accuracy of several runs on the same rows: rows are resampled for all runs together. It does
 * not include the spread over seeds.
 */
export function intervalOfMean(runs: readonly (readonly ScoredRow[])[]): Interval {
  const scorers = runs.map((rows) => metricNamed('accuracy').scorer(rows));
  const of = (indices: ArrayLike<number>) =>
    scorers.reduce((sum, scorer) => sum + scorer.of(indices), 0) / scorers.length;
  return bootstrapInterval({ of }, runs[0]!.length);
}

/** Markdown, in percent: mean ± deviation over seeds, and the 95% interval over test rows. */
export function lengthTable(outcomes: readonly Outcome[]): string {
  const percent = (value: number) => (100 * value).toFixed(1);
  const [inits, lengths] = [
    new Set(outcomes.map(({ init }) => init)),
    new Set(outcomes.map(({ length }) => length)),
  ];
  const cell = (init: string, length: number) => {
    const found = outcomes.find((outcome) => outcome.init === init && outcome.length === length);
    if (!found) return '';
    const { low, high } = found.interval;
    return `${formatSpread(spreadOf(found.accuracies), percent)} [${percent(low)}, ${percent(high)}]`;
  };
  const lines = [
    ['starts from', ...[...lengths].map((length) => `P = ${length}`)],
    ['---', ...[...lengths].map(() => '---:')],
    ...[...inits].map((init) => [init, ...[...lengths].map((length) => cell(init, length))]),
  ];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
