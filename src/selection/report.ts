/** @file Compares choices with one prompt for all rows, and with the best prompt per row. */
import type { Candidate } from './candidates.js';
import type { LossTable } from './loss-table.js';

/** Losses are means per label token, in nats. */
export interface SelectionReport {
  readonly rows: number;
  readonly labelTokens: number;
  readonly candidates: readonly {
    readonly name: string;
    /** Loss of this candidate for all rows. */
    readonly loss: number;
    /** Number of rows that it was chosen for, and that it is best for (the first of several). */
    readonly chosen: number;
    readonly best: number;
  }[];
  /** The best single candidate, in hindsight. */
  readonly bestSingle: { readonly name: string; readonly loss: number };
  /** Loss of the chosen candidates. */
  readonly selector: number;
  /** Loss of the best candidate per row. */
  readonly oracle: number;
  /** Fraction of rows for which no candidate is better than the chosen one. */
  readonly accuracy: number;
}

/** @param chosen index of the candidate per row */
export function reportOf(
  candidates: readonly Candidate[],
  { losses, tokens }: LossTable,
  chosen: ArrayLike<number>,
): SelectionReport {
  const best = bestCandidates(losses);
  const labelTokens = tokens.reduce((sum, count) => sum + count, 0);
  const meanOf = (candidateOf: (row: number) => number) =>
    best.reduce((sum, _, row) => sum + losses[candidateOf(row)]![row]!, 0) / labelTokens;
  const count = (choices: ArrayLike<number>, candidate: number) =>
    Array.from(choices).filter((choice) => choice === candidate).length;
  const rows = candidates.map(({ name }, i) => ({
    name,
    loss: meanOf(() => i),
    chosen: count(chosen, i),
    best: count(best, i),
  }));
  const single = rows.reduce((least, row) => (row.loss < least.loss ? row : least));
  const right = best.filter((index, row) => losses[chosen[row]!]![row]! <= losses[index]![row]!).length;
  return {
    rows: best.length,
    labelTokens,
    candidates: rows,
    bestSingle: { name: single.name, loss: single.loss },
    selector: meanOf((row) => chosen[row]!),
    oracle: meanOf((row) => best[row]!),
    accuracy: right / best.length,
  };
}

/** The candidate with the lowest loss per row; the first of several. */
function bestCandidates(losses: readonly Float32Array[]): number[] {
  return Array.from(losses[0]!, (_, row) =>
    losses.reduce((best, own, i) => (own[row]! < losses[best]![row]! ? i : best), 0),
  );
}
