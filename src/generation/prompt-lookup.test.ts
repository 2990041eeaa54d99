import { expect, it } from 'vitest';
import { guessCostOf, mostGuesses, PromptLookup } from './prompt-lookup.js';

it('guesses what followed the last tokens before', () => {
  const lookup = new PromptLookup([1, 2, 3, 4, 5, 6, 9, 1, 2, 3], 100);
  expect(lookup.guess(3)).toEqual([4, 5, 6]);
  expect(lookup.guess(10)).toEqual([4, 5, 6, 9]);
  expect(lookup.guess(0)).toEqual([]);
  lookup.push(7);
  expect(lookup.guess(3)).toEqual([]);
});

it('prefers the place before which most tokens agree, and the latest of equal ones', () => {
  const first = [8, 1, 2, 3];
  const second = [9, 1, 2, 4];
  expect(new PromptLookup([...first, ...second, 8, 1, 2], 100).guess(1)).toEqual([3]);
  expect(new PromptLookup([...first, ...second, 7, 1, 2], 100).guess(1)).toEqual([4]);
});

it('guesses from what was said as well', () => {
  const lookup = new PromptLookup([1], 100);
  for (const id of [5, 6, 7, 8, 5, 6, 7]) lookup.push(id);
  expect(lookup.guess(2)).toEqual([8, 5]);
});

it('guesses more tokens the more of them agree', () => {
  const ids = Array.from({ length: 20 }, (_, i) => i);
  const guessesBehind = (count: number) => {
    const lookup = new PromptLookup([...ids, 90, ...ids.slice(3, 3 + count)], 100);
    lookup.judge(4, 4);
    return lookup.guess(64);
  };
  expect([1, 2, 3, 4].map((count) => guessesBehind(count).length)).toEqual([0, 1, 4, 9]);
  expect(guessesBehind(3)).toEqual([6, 7, 8, 9]);
});

it('guesses no soft tokens', () => {
  expect(new PromptLookup([0, 1, 2, 3, 100, 4, 0, 1, 2], 100).guess(4)).toEqual([3]);
  expect(new PromptLookup([0, 1, 2, 100, 4, 0, 1, 2], 100).guess(4)).toEqual([]);
});

it('pays for guesses with what right ones have saved', () => {
  const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  const lookup = new PromptLookup([...ids, ...ids], 100);
  const count = () => lookup.guess(64).length;
  expect(count()).toBe(5); // a credit of one step, and a fifth of one for each
  lookup.judge(5, 4);
  expect(count()).toBe(9); // of a credit for 20
  lookup.judge(9, 0);
  expect(count()).toBe(9);
  lookup.judge(9, 0);
  expect(count()).toBe(2);
});

it('costs a step and 2 % of the others where all guesses are wrong', () => {
  const lookup = new PromptLookup([1, 2, 3, 1, 2, 3], 100);
  let guesses = 0;
  for (let step = 0; step < 1000; step++) {
    const { length } = lookup.guess(10);
    lookup.judge(length, 0);
    guesses += length;
  }
  expect(guesses / 5).toBeGreaterThan(15);
  expect(guesses / 5).toBeLessThanOrEqual(1 + 0.02 * 1000);
});

it('guesses only as many as could pay for the packing of float32 matrices', () => {
  const floats = guessCostOf({ config: {}, files: {} });
  const ids = Array.from({ length: 20 }, (_, i) => i);
  const guessesBehind = (count: number) => {
    const lookup = new PromptLookup([...ids, 90, ...ids.slice(3, 3 + count)], 100, floats);
    lookup.judge(4, 4);
    return lookup.guess(64).length;
  };
  // Three tokens that agree are followed by another text too often: see `surety`.
  expect([2, 3, 4, 5].map(guessesBehind)).toEqual([0, 0, 9, 16]);
  // A single guess saves one step at most.
  expect(new PromptLookup([...ids, ...ids], 100, floats).guess(1)).toEqual([]);
});

it('guesses fewer tokens where the scores after them would fill the memory', () => {
  expect(mostGuesses(1, 50_257)).toBe(666);
  expect(mostGuesses(64, 50_257)).toBe(9);
  expect(mostGuesses(256, 151_936)).toBe(0);
  expect(mostGuesses(256, 50)).toBeGreaterThan(64);
});
