/** @file Extracts the scores of a step from a graph's outputs, and those of first tokens from a learned prompt. */
import { float32Output, type NamedTensors } from '../runtime/index.js';
import type { RowPrompt } from '../runtime/key-value-cache.js';
import type { NextTokenScores } from './decoder.js';
import { bestTokens, rowLogits } from './row-scores.js';

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

/**
 * Scores of a batch in which some rows have no text yet: for those, the scores that the learned prompt predicts.
 * @param scores scores of all rows, if any has a text
 * @param first scores of first tokens by row, at least one
 */
export function withFirstTokens(
  scores: NextTokenScores | undefined,
  first: ReadonlyMap<number, NextTokenScores>,
  rows: number,
): NextTokenScores {
  const { candidates: k, ids: someIds } = first.values().next().value!;
  const logits = new Float32Array(rows * k);
  const ids = someIds && new Int32Array(rows * k);
  const logSumExp = new Float32Array(rows);
  if (scores) {
    logits.set(scores.logits);
    logSumExp.set(scores.logSumExp);
    if (scores.ids) ids?.set(scores.ids);
  }
  for (const [row, own] of first) {
    logits.set(own.logits, row * k);
    logSumExp.set(own.logSumExp, row);
    if (own.ids) ids?.set(own.ids, row * k);
  }
  return { rows, candidates: k, ids, logits, logSumExp };
}
