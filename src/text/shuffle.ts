/** @file Shuffling that is fixed by its seeds. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { skipN } from 'pure-rand/utils/skipN';

/** What randomness is for: one seed gives unrelated numbers to each use. */
const uses = { split: 1, epoch: 2, packing: 3, bootstrap: 4, exchange: 5, sample: 6, shots: 7 };

/** A generator fixed by a use, a seed (any safe integer) and, where there are several, a number of the draw. */
export function randomFor(use: keyof typeof uses, seed: number, draw = 0): RandomGenerator {
  const generator = xoroshiro128plusFromState([
    uses[use],
    seed | 0,
    Math.floor(seed / 2 ** 32) | 0,
    draw | 0,
  ]);
  skipN(generator, 64); // seeds that are alike give states that are alike, until they are mixed
  return generator;
}

/** Shuffles in place (Fisher and Yates). */
export function shuffle<T>(items: T[], random: RandomGenerator): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}

/** The numbers from 0 to `count` - 1 in random order. */
export function shuffledIndices(count: number, random: RandomGenerator): number[] {
  const indices = Array.from({ length: count }, (_, i) => i);
  shuffle(indices, random);
  return indices;
}
