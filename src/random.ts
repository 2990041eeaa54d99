/** @file Seeded random numbers for initial values: fixed by the seed, the same on every machine. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** A whole number from 0 up to but not including `bound`. */
  below(bound: number): number;
  /** From the normal distribution with mean 0 and deviation 1 (Box and Muller's transform). */
  normal(): number;
}

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
