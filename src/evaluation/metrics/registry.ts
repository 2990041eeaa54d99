/** @file All metrics by their names. */

import { optionError, UsageError } from '../../errors.js';
import { expectedName } from '../../nearest-name.js';
import { say } from '../../say.js';
import { accuracy } from './accuracy.js';
import { bleu, bleuZh } from './bleu.js';
import { calibrationError } from './calibration.js';
import { chrf2 } from './chrf.js';
import { distinct1, distinct2 } from './distinct.js';
import { macroF1 } from './macro-f1.js';
import { mcc } from './mcc.js';
import type { Metric } from './metric.js';
import { nist } from './nist.js';
import { rouge } from './rouge.js';
import { answerF1, answerF1Zh, exactMatch, exactMatchZh } from './squad.js';

/** Metrics of the model's predictions of the data rather than of answers. They are named like the others. */
export const lossMetrics = ['loss', 'perplexity'] as const;
/** Whether it is one of `lossMetrics`. */
export const isLossMetric = (name: string) => (lossMetrics as readonly string[]).includes(name);

/** All metrics of answers that come with the package. */
export const metrics: readonly Metric[] = [
  accuracy,
  macroF1,
  mcc,
  calibrationError,
  exactMatch,
  exactMatchZh,
  answerF1,
  answerF1Zh,
  bleu,
  bleuZh,
  chrf2,
  ...rouge,
  nist,
  distinct1,
  distinct2,
];

/**
 * Resolves metrics given by name or as values.
 * @throws UsageError for an unknown name, or one that two metrics have
 */
export function resolveMetrics(chosen: readonly (string | Metric)[]): Metric[] {
  const resolved = chosen.map((metric) => (typeof metric === 'string' ? metricNamed(metric) : metric));
  const names = resolved.map(({ name }) => name);
  const repeated = names.find((name, i) => names.indexOf(name) < i);
  const taken = resolved.find((metric) => isBuiltIn(metric.name) && !metrics.includes(metric))?.name;
  if (repeated ?? taken)
    throw optionError('metrics', say`"${repeated ?? taken}" is the name of two metrics; rename yours`);
  return resolved;
}

const isBuiltIn = (name: string) => isLossMetric(name) || metrics.some((metric) => metric.name === name);

/**
 * A metric of `metrics`.
 * @throws UsageError for an unknown name
 */
export function metricNamed(name: string): Metric {
  const metric = metrics.find((candidate) => candidate.name === name);
  if (metric) return metric;
  const names = metrics.map((known) => known.name);
  throw new UsageError(say`there is no metric "${name}"; ${expectedName(name, names)}`, {
    code: 'unknown-name',
  });
}
