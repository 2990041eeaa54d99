import { expect, it } from 'vitest';
import { drawnShots, similarShots } from './shots.js';

it('drawn examples are those of the seed', () => {
  const four = drawnShots(20, 4, 7);
  expect(new Set(four).size).toBe(4);
  expect(drawnShots(20, 4, 7)).toEqual(four);
  expect(drawnShots(20, 2, 7)).toEqual(four.slice(0, 2));
  expect(drawnShots(20, 4, 8)).not.toEqual(four);
});

it('similar examples share most tokens, the most alike last; none is the input itself', () => {
  const examples = [[1, 2, 3], [9], [1, 2], [1, 2, 3, 4], [2, 1, 3]];
  // Jaccard with {1, 2, 3, 5}: 3/4, 0, 2/4, 3/5, 3/4
  expect(similarShots([1, 2, 3, 5], examples, 3)).toEqual([3, 4, 0]);
  expect(similarShots([1, 2, 3], examples, 2)).toEqual([3, 4]);
  expect(similarShots([1, 2, 3], examples, 10)).toEqual([1, 2, 3, 4]);
});
