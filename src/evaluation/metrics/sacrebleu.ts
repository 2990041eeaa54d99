/** @file What BLEU and chrF say of themselves, in sacreBLEU's form. */
import type { ScoredRow } from './metric.js';

/** The version whose numbers ours were checked against. */
export const sacrebleuVersion = '2.6.0';

/** How many references the rows have; `var` where they differ. */
export function referenceCount(rows: readonly ScoredRow[]): number | 'var' {
  const counts = new Set(rows.map(({ references }) => references.length));
  return counts.size === 1 ? [...counts][0]! : 'var';
}
