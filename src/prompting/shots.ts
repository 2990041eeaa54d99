/** @file Chooses the examples before an input: the same for all, drawn by a seed, or the most similar ones. */
import { randomFor, shuffledIndices } from '../random.js';

export const shotChoices = ['seed', 'similarity'] as const;
export type ShotChoice = (typeof shotChoices)[number];

/** `count` of `length` examples in random order. A larger count extends a smaller one of the same seed. */
export function drawnShots(length: number, count: number, seed: number): number[] {
  return shuffledIndices(length, randomFor('shots', seed)).slice(0, count);
}

/**
 * The `count` examples whose tokens are most similar to the input's, in ascending order, so that the most similar is
 * next to it. Similarity is the Jaccard index, the fraction of tokens of either text that both have; of equally similar
 * examples the earlier one is taken. An example equal to the input is not used.
 */
export function similarShots(
  input: readonly number[],
  examples: readonly (readonly number[])[],
  count: number,
): number[] {
  const own = new Set(input);
  const isInput = (example: readonly number[]) =>
    example.length === input.length && example.every((id, i) => id === input[i]);
  const likeness = examples.map((example) => {
    if (isInput(example)) return -1;
    const other = new Set(example);
    let common = 0;
    for (const id of other) if (own.has(id)) common++;
    return common / Math.max(1, own.size + other.size - common);
  });
  return [...examples.keys()]
    .filter((i) => likeness[i]! >= 0)
    .sort((a, b) => likeness[b]! - likeness[a]! || a - b)
    .slice(0, count)
    .reverse();
}
