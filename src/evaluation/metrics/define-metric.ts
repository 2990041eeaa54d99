/** @file Metrics of one's own: what must be said of one, and what follows. */
import { UsageError } from '../../errors.js';
import { averaged, type Metric, type ScoredRow, type Scorer } from './metric.js';

interface MetricBase {
  /** What its scores are called. Names of metrics that Promptune has, `loss` and `perplexity` may not be used again. */
  readonly name: string;
  /** Default: texts. */
  readonly needs?: Metric['needs'];
  /** Default: higher. */
  readonly better?: Metric['better'];
  /** What a perfect score is, if there is one. Default: 0, which says that there is none. */
  readonly scale?: Metric['scale'];
  /** Its settings, in words. Default: none. */
  readonly signature?: string;
}

/** A metric that is the mean of its rows' scores. */
export interface RowMetric extends MetricBase {
  score(row: ScoredRow): number;
}

/** A metric of all rows together, such as a ratio of sums: `summed` makes such scorers. */
export interface CorpusMetric extends MetricBase {
  scorer(rows: readonly ScoredRow[]): Scorer;
  /** False for what is no function of sums over rows, so that resampling does not give an interval. Default: true. */
  readonly hasInterval?: boolean;
}

/**
 * A metric of one's own, for `evaluate({ metrics: ['bleu', mine] })`, `comparePredictions` and `compareRuns`. Its
 * intervals and significance tests come from resampling, as for all metrics.
 * @throws UsageError without a name
 */
export function defineMetric(definition: RowMetric | CorpusMetric): Metric {
  const { name, needs = 'texts', better = 'higher', scale = 0, signature = '' } = definition;
  if (name === '') throw new UsageError('a metric needs a name');
  const parts =
    'score' in definition
      ? {
          hasInterval: true,
          scorer: (rows: readonly ScoredRow[]) => averaged(rows.map((row) => definition.score(row))),
        }
      : {
          hasInterval: definition.hasInterval ?? true,
          scorer: (rows: readonly ScoredRow[]) => definition.scorer(rows),
        };
  return { name, needs, better, scale, signature: () => signature, ...parts };
}
