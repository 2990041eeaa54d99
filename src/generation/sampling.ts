/** @file Drawing tokens: temperature, top-k and top-p in transformers' order. */
import type { Sampling } from './options.js';
import { bestTokens, type RowScores } from './row-scores.js';

/** Tokens and their weights: unnormalized probabilities with sum `total`. */
export interface Distribution {
  /** Undefined if the tokens are the whole vocabulary, in id order. */
  readonly ids?: Int32Array;
  readonly weights: Float64Array;
  readonly total: number;
}

/**
 * The distribution that tokens are drawn from: scores divided by the temperature, then top-k, then top-p of the rest.
 */
export function samplingDistribution(
  scores: RowScores,
  sampling: Omit<Sampling, 'kind' | 'seed'>,
): Distribution {
  const { temperature, topK, topP } = sampling;
  const kept = topK > 0 && topK < scores.values.length ? bestTokens(scores, topK) : scores;
  const distribution = softmax(kept, temperature);
  return topP < 1 ? nucleus(distribution, topP) : distribution;
}

function softmax({ ids, values }: RowScores, temperature: number): Distribution {
  let max = -Infinity;
  for (const value of values) if (value > max) max = value;
  const weights = new Float64Array(values.length);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = Math.exp((values[i]! - max) / temperature);
    weights[i] = weight;
    total += weight;
  }
  return { ids, weights, total };
}

/**
 * Top-p (Holtzman et al. 2019): keeps a token if the more likely ones add up to less than `topP`. At least one is kept.
 */
function nucleus({ ids, weights, total }: Distribution, topP: number): Distribution {
  // Tokens up to this weight add up to at most 1 - topP even if all had it, so they need no sorting.
  const negligible = ((1 - topP) * total) / weights.length;
  const ascending = weights.filter((weight) => weight > negligible).sort();
  let place = ascending.length;
  let mass = 0;
  while (place > 0 && mass < topP * total) mass += ascending[--place]!;

  const smallest = ascending[place]!;
  let ties = 0; // number of equally likely tokens at the border to keep, first ones first
  while (ascending[place + ties] === smallest) ties++;
  const kept: number[] = [];
  weights.forEach((weight, i) => {
    if (weight > smallest || (weight === smallest && ties-- > 0)) kept.push(i);
  });
  return {
    ids: Int32Array.from(kept, (i) => ids?.[i] ?? i),
    weights: Float64Array.from(kept, (i) => weights[i]!),
    total: mass,
  };
}

/** The token at quantile `uniform`, a number in [0, 1). */
export function drawToken({ ids, weights, total }: Distribution, uniform: number): number {
  const target = uniform * total;
  let mass = 0;
  let drawn = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue; // never drawn, even if rounding leaves the sum below the target
    drawn = i;
    mass += weights[i]!;
    if (mass > target) break;
  }
  return ids?.[drawn] ?? drawn;
}
