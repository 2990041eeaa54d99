import { expect, it } from 'vitest';
import { PromptLookup } from './prompt-lookup.js';

it('guesses what followed the last two tokens before', () => {
  const lookup = new PromptLookup([1, 2, 3, 4, 5, 9, 1, 2], 100);
  expect(lookup.guess(3)).toEqual([3, 4, 5]);
  expect(lookup.guess(10)).toEqual([3, 4, 5, 9]);
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
  for (const id of [5, 6, 7, 5, 6]) lookup.push(id);
  expect(lookup.guess(2)).toEqual([7, 5]);
});

it('guesses twice as many tokens as agree', () => {
  const lookup = new PromptLookup([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3], 100);
  expect(lookup.guess(10)).toEqual([4, 5, 6, 7, 8, 9]);
});

it('guesses no soft tokens', () => {
  expect(new PromptLookup([1, 2, 3, 100, 4, 1, 2], 100).guess(4)).toEqual([3]);
  expect(new PromptLookup([1, 2, 100, 4, 1, 2], 100).guess(4)).toEqual([]);
});

it('waits longer and longer where guesses are wrong', () => {
  const lookup = new PromptLookup([1, 2, 3, 1, 2], 100);
  const waits = Array.from({ length: 7 }, () => {
    lookup.judge(lookup.guess(3).length, 0);
    let steps = 0;
    while (lookup.guess(3).length === 0) steps++;
    return steps;
  });
  expect(waits).toEqual([2, 4, 8, 16, 32, 32, 32]);
  lookup.judge(3, 2);
  expect(lookup.guess(3)).toEqual([3, 1, 2]);
});
