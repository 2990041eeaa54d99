import { expect, it } from 'vitest';
import { tableLines } from './text-table.js';

it('aligns columns, of which Chinese characters take two', () => {
  const rows = [
    ['run', 'steps'],
    ['猫', '12'],
    ['cats', ''],
  ];
  expect(tableLines(rows)).toEqual(['run    steps', '猫        12', 'cats']);
});
