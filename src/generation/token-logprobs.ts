/** @file Log-probabilities of a token and of the likeliest ones at its place. */
import { bestTokens, type RowScores } from './row-scores.js';

/** A token with its log-probability under model and adapter, before temperature and penalties. */
export interface TokenLogprob {
  readonly id: number;
  readonly logprob: number;
}

export interface TokenLogprobs {
  /** That of the token itself. */
  readonly logprob: number;
  /** The likeliest tokens at its place, best first, as many as requested. */
  readonly alternatives: readonly TokenLogprob[];
}

/**
 * @param scores of its row as the model gives them, with those of `count` tokens and of `id` at least
 * @param logSumExp of the row over the whole vocabulary
 */
export function tokenLogprobs(
  scores: RowScores,
  logSumExp: number,
  id: number,
  count: number,
): TokenLogprobs {
  const { ids, values } = bestTokens(scores, count);
  const alternatives = Array.from(ids, (other, i) => ({ id: other, logprob: values[i]! - logSumExp }));
  const own = scores.values[scores.ids ? scores.ids.indexOf(id) : id]!;
  return { logprob: own - logSumExp, alternatives };
}
