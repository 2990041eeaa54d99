/** @file Seeded random numbers, the same on every machine. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { skipN } from 'pure-rand/utils/skipN';

export interface Random {
  /** An integer from 0 up to but not including `bound`. */
  below(bound: number): number;
  /** A sample of the standard normal distribution (Box–Muller transform). */
  normal(): number;
}

/** For a tensor's initial values. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    below: (bound) => uniformInt(generator, 0, bound - 1),
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
      return radius * Math.cos(2 * Math.PI * uniformFloat64(generator));
    },
  };
}

/** What randomness is for: one seed gives unrelated numbers to each use. */
const uses = { split: 1, epoch: 2, packing: 3, bootstrap: 4, exchange: 5, sample: 6, shots: 7, tuning: 8 };

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

/** Numbers in [0, 1) that depend on the seed and the row alone, whatever other rows are generated beside it. */
export function randomStream(seed: number, row: number): () => number {
  const a = scramble(seed);
  const b = scramble(row ^ a);
  const generator = xoroshiro128plusFromState([a, b, scramble(a + b), scramble(a ^ b)]);
  return () => uniformFloat64(generator);
}

/** A 32-bit hash (the finalizer of MurmurHash3): near seeds and rows must not start near one another. */
function scramble(value: number): number {
  let hash = (value + 0x9e3779b9) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
