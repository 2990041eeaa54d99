import { expect, it } from 'vitest';
import { KeptPrompts } from './kept-prompts.js';

it('keeps the most recently used prompts within its limit', () => {
  const kept = new KeptPrompts(100);
  expect(kept.add(1, 40)).toEqual([]);
  expect(kept.add(2, 40)).toEqual([]);
  expect(kept.use(1)).toBe(true);
  expect(kept.add(3, 30)).toEqual([2]);
  expect([kept.use(2), kept.totalBytes, kept.count]).toEqual([false, 70, 2]);
  expect(kept.add(4, 101)).toBeUndefined();
  expect(kept.add(5, 100)).toEqual([1, 3]);
  expect([kept.remove(5), kept.remove(5), kept.totalBytes]).toEqual([true, false, 0]);
});
