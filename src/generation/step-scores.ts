/** @file Extracts the scores of a step from a graph's outputs, and those of first tokens from a learned prompt. */
import { float32Output, type NamedTensors } from '../runtime/index.js';
import type { RowPrompt } from '../runtime/row-cache.js';
import type { NextTokenScores } from './decoder.js';
import { bestTokens, rowLogits } from './row-scores.js';

export const noScores: NextTokenScores = {
  rows: 0,
  candidates: 0,
  logits: new Float32Array(),
  logSumExp: new Float32Array(),
};

export function scoresOf(outputs: NamedTensors, rows: number): NextTokenScores {
  const logits = float32Output(outputs, outputs.best_ids ? 'best_logits' : 'logits');
  const ids = outputs.best_ids && Int32Array.from(outputs.best_ids.data as BigInt64Array, Number);
  return {
    rows,
    candidates: logits.length / rows,
    ids,
    logits,
    logSumExp: float32Output(outputs, 'log_sum_exp'),
  };
}

/** The scores of a text's first token after `prompt`, as one row. */
export function firstTokenScores({ tensors, row }: RowPrompt, candidates: number): NextTokenScores {
  const all = scoresOf(tensors, tensors.log_sum_exp!.shape[0]!);
  const { values } = rowLogits(all, row);
  const one = {
    rows: 1,
    candidates: values.length,
    logits: values,
    logSumExp: all.logSumExp.slice(row, row + 1),
  };
  return bestScores(one, candidates);
}

/** The best candidates in a row of scores of all tokens. */
function bestScores(all: NextTokenScores, candidates: number): NextTokenScores {
  if (candidates === all.candidates) return all;
  const { ids, values } = bestTokens({ values: all.logits }, candidates);
  return { ...all, candidates, ids, logits: values };
}

/** A row of some scores. */
export interface ScoredRow {
  readonly scores: NextTokenScores;
  readonly place: number;
}

/** Rows of scores with as many candidates each, as the scores of one batch. */
export function inOneBatch(rows: readonly ScoredRow[]): NextTokenScores {
  const { scores } = rows[0]!;
  if (scores.rows === rows.length && rows.every((row, i) => row.scores === scores && row.place === i))
    return scores;
  const { candidates: k } = scores;
  const logits = new Float32Array(rows.length * k);
  const ids = scores.ids && new Int32Array(rows.length * k);
  const logSumExp = new Float32Array(rows.length);
  for (const [i, { scores: own, place }] of rows.entries()) {
    logits.set(own.logits.subarray(place * k, (place + 1) * k), i * k);
    if (own.ids) ids?.set(own.ids.subarray(place * k, (place + 1) * k), i * k);
    logSumExp[i] = own.logSumExp[place]!;
  }
  return { rows: rows.length, candidates: k, ids, logits, logSumExp };
}
