/** @file Scores of one row: extracts, processes and ranks them. */
import { pushToHeap, replaceFirst } from '../heap.js';
import type { NextTokenScores } from './decoder.js';
import type { ResolvedGenerationOptions } from './options.js';

/** Scores of some tokens. Without `ids`: of the whole vocabulary, in id order. */
export interface RowScores {
  readonly ids?: Int32Array;
  readonly values: Float32Array;
}

/** A copy of a row's logits, which may be changed in place. */
export function rowLogits(scores: NextTokenScores, row: number): RowScores {
  const from = row * scores.candidates;
  const to = from + scores.candidates;
  return { ids: scores.ids?.subarray(from, to), values: scores.logits.slice(from, to) };
}

/** A row's log-probabilities, normalized over the whole vocabulary even if the row has its best tokens only. */
export function rowLogProbabilities(scores: NextTokenScores, row: number): RowScores {
  const logits = rowLogits(scores, row);
  const logSumExp = scores.logSumExp[row]!;
  return { ids: logits.ids, values: logits.values.map((logit) => logit - logSumExp) };
}

/**
 * Applies the options' changes in place: the repetition penalty, presence and frequency penalties, biases, and at last
 * no end token before `minNewTokens`. Transformers has the first and the last, in this order.
 */
export function processScores(
  scores: RowScores,
  prompt: readonly number[],
  generated: readonly number[],
  options: ResolvedGenerationOptions,
): void {
  if (options.repetitionPenalty !== 1) {
    penalizeRepetition(scores.values, [...prompt, ...generated], options.repetitionPenalty);
  }
  // With penalties or biases, `values` has the whole vocabulary in id order (see `candidatesOf`).
  const { values } = scores;
  const { presencePenalty, frequencyPenalty, logitBias } = options;
  if (presencePenalty !== 0 || frequencyPenalty !== 0)
    for (const [id, count] of countsOf(generated)) values[id]! -= presencePenalty + frequencyPenalty * count;
  for (const [id, bias] of logitBias) if (id < values.length) values[id]! += bias;
  if (generated.length < options.minNewTokens) suppress(scores, options.eosTokenIds);
}

/**
 * The repetition penalty of CTRL (Keskar et al. 2019) as in transformers: the score of every token that the row
 * contains is divided by `penalty` if positive, else multiplied. `values` is in id order.
 */
export function penalizeRepetition(values: Float32Array, ids: readonly number[], penalty: number): void {
  for (const id of new Set(ids)) {
    const value = values[id];
    if (value !== undefined) values[id] = value < 0 ? value * penalty : value / penalty;
  }
}

function countsOf(ids: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

function suppress({ ids, values }: RowScores, tokens: ReadonlySet<number>): void {
  if (ids) {
    ids.forEach((id, i) => {
      if (tokens.has(id)) values[i] = -Infinity;
    });
  } else {
    for (const id of tokens) if (id < values.length) values[id] = -Infinity;
  }
}

/** The `count` best tokens (or all if fewer), best first. Ties go to the first. */
export function bestTokens({ ids, values }: RowScores, count: number): Required<RowScores> {
  const best = bestIndices(values, Math.min(count, values.length));
  return {
    ids: Int32Array.from(best, (i) => ids?.[i] ?? i),
    values: Float32Array.from(best, (i) => values[i]!),
  };
}

/**
 * Indices of the `count` greatest values, greatest first. A heap holds the best so far with the worst on top, so a
 * vocabulary costs one comparison per token plus the few insertions.
 */
function bestIndices(values: Float32Array, count: number): number[] {
  if (count === 0) return [];
  const isWorse = (a: number, b: number) => values[a]! < values[b]! || (values[a] === values[b] && a > b);
  const heap: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (heap.length < count) pushToHeap(heap, i, isWorse);
    else if (values[i]! > values[heap[0]!]!) replaceFirst(heap, i, isWorse);
  }
  return heap.sort((a, b) => (isWorse(a, b) ? 1 : -1));
}
