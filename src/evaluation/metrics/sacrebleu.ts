/** @file The signatures of BLEU and chrF, in sacreBLEU's format. */
import type { ScoredRow } from './metric.js';

/** The version that our numbers are checked against. */
export const sacrebleuVersion = '2.6.0';

/** The number of references per row; `var` if it differs. */
export function referenceCount(rows: readonly ScoredRow[]): number | 'var' {
  const counts = new Set(rows.map(({ references }) => references.length));
  return counts.size === 1 ? [...counts][0]! : 'var';
}
