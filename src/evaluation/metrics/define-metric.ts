/** @file Defines your own metrics. */
import { UsageError } from '../../errors.js';
import { say } from '../../say.js';
import { averaged, type Metric, type ScoredRow, type Scorer } from './metric.js';

interface MetricBase {
  /** Name of its scores, different from Promptune's metrics, `loss` and `perplexity`. */
  readonly name: string;
  /** Default: texts. */
  readonly needs?: Metric['needs'];
  /** Default: higher. */
  readonly better?: Metric['better'];
  /** The perfect score. Default 0, which means that there is none. */
  readonly scale?: Metric['scale'];
  /** Its settings, in words, for reports. Default: none. */
  readonly signature?: string;
}

/** A metric that is the mean of its rows' scores. */
export interface RowMetric extends MetricBase {
  score(row: ScoredRow): number;
}

/** A metric of all rows together, such as a ratio of sums. `summed` creates its scorer. */
export interface CorpusMetric extends MetricBase {
  scorer(rows: readonly ScoredRow[]): Scorer;
  /** Whether resampling gives an interval: false for a score that is not a function of sums over rows. Default true. */
  readonly hasInterval?: boolean;
}

/**
 * Defines your own metric, for `evaluate({ metrics: ['bleu', mine] })`, `comparePredictions` and `compareRuns`. Its
 * intervals and significance tests come from resampling, as for all metrics.
 * @throws UsageError without a name
 */
export function defineMetric(definition: RowMetric | CorpusMetric): Metric {
  const { name, needs = 'texts', better = 'higher', scale = 0, signature = '' } = definition;
  if (name === '') throw new UsageError(say`a metric needs a name`);
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
