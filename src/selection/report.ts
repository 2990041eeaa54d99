/** @file How well choices serve, beside one prompt for all rows and beside the best one for each. */
import type { Candidate } from './candidates.js';
import type { LossTable } from './loss-table.js';

/** Losses are means per label token, in nats. */
export interface SelectionReport {
  readonly rows: number;
  readonly labelTokens: number;
  readonly candidates: readonly {
    readonly name: string;
    /** Of this one alone, for all rows. */
    readonly loss: number;
    /** For how many rows it was chosen, and for how many it is the best (the first of several). */
    readonly chosen: number;
    readonly best: number;
  }[];
  /** The best that one candidate alone can do, known afterwards. */
  readonly bestSingle: { readonly name: string; readonly loss: number };
  /** Of the candidates that were chosen. */
  readonly selector: number;
  /** Of the best candidate for each row. */
  readonly oracle: number;
  /** Share of the rows for which no candidate is better than the chosen one. */
  readonly accuracy: number;
}

/** @param chosen the candidate for each row, as an index */
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

/** The candidate with the smallest loss for each row; the first of several. */
export function bestCandidates(losses: readonly Float32Array[]): number[] {
  return Array.from(losses[0]!, (_, row) =>
    losses.reduce((best, own, i) => (own[row]! < losses[best]![row]! ? i : best), 0),
  );
}
