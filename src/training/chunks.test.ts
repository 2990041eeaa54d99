import { expect, test } from 'vitest';
import { inChunks } from './chunks.js';

async function rangesOf(length: number, width?: number): Promise<[number, number][]> {
  const ranges: [number, number][] = [];
  await inChunks(length, (from, to) => ranges.push([from, to]), width);
  return ranges;
}

test('ranges follow one another and cover everything', async () => {
  expect(await rangesOf(0)).toEqual([]);
  expect(await rangesOf(3)).toEqual([[0, 3]]);
  const long = await rangesOf(1_000_003);
  expect(long.length).toBeGreaterThan(10);
  expect(long[0]![0]).toBe(0);
  expect(long.at(-1)![1]).toBe(1_000_003);
  for (let i = 1; i < long.length; i++) expect(long[i]![0]).toBe(long[i - 1]![1]);
});

test('wide rows make shorter ranges, down to one row', async () => {
  expect(await rangesOf(4, 1 << 15)).toEqual([
    [0, 2],
    [2, 4],
  ]);
  expect(await rangesOf(2, 1 << 20)).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test('timers run in the middle of a long loop', async () => {
  let rang = false;
  setTimeout(() => {
    rang = true;
  }, 0);
  let chunks = 0;
  // Long enough for any machine: ends at the first chunk that sees the timer.
  await inChunks(Number.MAX_SAFE_INTEGER, () => {
    chunks++;
    if (rang) throw new Error('seen');
  }).catch((error) => expect(error.message).toBe('seen'));
  expect(rang).toBe(true);
  expect(chunks).toBeGreaterThan(0);
});
