import { expect, it } from 'vitest';
import { PairTable } from './pair-table.js';

it('keeps a number for each pair, the last one that was set', () => {
  const table = new PairTable(1000);
  const known = new Map<string, number>();
  for (let i = 0; i < 1000; i++) {
    const [left, right] = [(i * i) % 37, (7 * i) % 31];
    table.set(left, right, i);
    known.set(`${left} ${right}`, i);
  }
  for (let left = 0; left < 40; left++)
    for (let right = 0; right < 40; right++)
      expect(table.get(left, right)).toBe(known.get(`${left} ${right}`));
});

it('holds as many pairs as it was made for, and ids up to 2^26', () => {
  const table = new PairTable(3);
  const most = 2 ** 26 - 1;
  table.set(most, most, 1);
  table.set(most, 0, 2);
  table.set(0, most, 3);
  expect([table.get(most, most), table.get(most, 0), table.get(0, most), table.get(0, 0)]).toEqual([
    1,
    2,
    3,
    undefined,
  ]);
});
