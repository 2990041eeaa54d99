import { expect, it } from 'vitest';
import { inOrder } from './in-order.js';

const collect = async <T>(values: AsyncIterable<T>) => {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
};

it('gives results in order, with so many calls at once', async () => {
  const release: (() => void)[] = [];
  let most = 0;
  let atHand = 0;
  const results = collect(
    inOrder([0, 1, 2, 3], 2, async (item) => {
      most = Math.max(most, ++atHand);
      await new Promise<void>((resolve) => release.push(resolve));
      atHand--;
      return item * 10;
    }),
  );
  const next = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    release.pop()?.(); // the later one first
  };
  for (let i = 0; i < 4; i++) await next();
  expect(await results).toEqual([0, 10, 20, 30]);
  expect(most).toBe(2);
});

it('with one at a time never begins a call before the last result is taken', async () => {
  const begun: number[] = [];
  const results = inOrder([1, 2, 3], 1, async (item) => begun.push(item));
  await results.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([1]);
});

it('throws in the turn of what failed', async () => {
  const results = inOrder([1, 2, 3], 3, async (item) => {
    if (item === 2) throw new Error('two');
    return item;
  });
  expect((await results.next()).value).toBe(1);
  await expect(results.next()).rejects.toThrow('two');
});
