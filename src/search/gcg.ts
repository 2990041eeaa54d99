/**
 * @file Greedy coordinate gradient (Zou et al. 2023, arXiv:2307.15043; AutoPrompt, arXiv:2010.15980). The gradient with
 *   respect to a token's one-hot vector is that of its embedding times the embedding matrix: the first-order effect of
 *   each replacement. A random selection of the best replacements is evaluated exactly, and the best one kept.
 */

import { inOrder } from '../loss/in-order.js';
import type { Random } from '../random.js';
import type { EncodedExample } from '../text/encode.js';
import type { PromptStep } from './prompt-step.js';
import { negated, type RankedTokens, type TokenRanker } from './token-ranking.js';

/** Ids and their embeddings [ids.length, hidden], row after row. */
export interface TokenPrompt {
  readonly ids: readonly number[];
  readonly vectors: Float32Array;
}

export interface GcgOptions {
  step: Pick<PromptStep, 'lossAndGradient' | 'loss' | 'atOnce'>;
  /** Ranks by product. */
  ranker: Pick<TokenRanker, 'rank'>;
  /** Whether ids are text. Others are never evaluated. */
  survives(ids: readonly number[]): boolean;
  /** Maximum number of prompts to evaluate, each with one replaced token. */
  numCandidates: number;
  random: Random;
  signal?: AbortSignal;
}

/** One step on some examples. The prompt changes only if a candidate is better on them. */
export async function gcgStep(
  prompt: TokenPrompt,
  examples: readonly EncodedExample[],
  { step, ranker, signal, ...choice }: GcgOptions,
): Promise<TokenPrompt & { loss: number }> {
  const { loss, gradient } = await step.lossAndGradient(prompt.vectors, examples);
  const shape = [prompt.ids.length, gradient.length / prompt.ids.length];
  const ranked = await ranker.rank(negated(shape, gradient));
  let best = { ...prompt, loss };
  const candidates = chooseCandidates(prompt, ranked, choice);
  const losses = inOrder(candidates, step.atOnce ?? 1, async (candidate) => {
    signal?.throwIfAborted();
    return { ...candidate, loss: await step.loss(candidate.vectors, examples) };
  });
  for await (const candidate of losses) if (candidate.loss < best.loss) best = candidate;
  return best;
}

/** Distinct replacements of one token, drawn uniformly from those that are ranked and survive. */
function* chooseCandidates(
  { ids, vectors }: TokenPrompt,
  ranked: RankedTokens,
  { survives, numCandidates, random }: Pick<GcgOptions, 'survives' | 'numCandidates' | 'random'>,
): Generator<TokenPrompt> {
  const width = vectors.length / ids.length;
  const perPosition = ranked.ids[0]!.length;
  const untried = Array.from({ length: ids.length * perPosition }, (_, i) => i);
  let found = 0;
  while (untried.length > 0 && found < numCandidates) {
    const chosen = takeAt(untried, random.below(untried.length));
    const position = Math.floor(chosen / perPosition);
    const id = ranked.ids[position]![chosen % perPosition]!;
    if (id === ids[position]) continue;
    const replaced = ids.with(position, id);
    if (!survives(replaced)) continue;
    found++;
    const moved = Float32Array.from(vectors);
    moved.set(ranked.embeddings.subarray(chosen * width, (chosen + 1) * width), position * width);
    yield { ids: replaced, vectors: moved };
  }
}

/** Removes an item and moves the last one into its place. */
function takeAt(items: number[], index: number): number {
  const item = items[index]!;
  const last = items.pop()!;
  if (index < items.length) items[index] = last;
  return item;
}
