import { expect, it } from 'vitest';
import { intervalOfMean, lengthTable } from './length-table.js';

const rows = (...right: boolean[]) =>
  right.map((isRight) => ({ prediction: isRight ? 'yes' : 'no', references: ['yes'] }));

it('the interval is of the mean over runs, by rows', () => {
  expect(intervalOfMean([rows(true, true, true), rows(true, true, true)])).toEqual({ low: 1, high: 1 });
  // If one of two runs is always right and the other always wrong, no choice of rows changes the mean.
  expect(intervalOfMean([rows(true, true), rows(false, false)])).toEqual({ low: 0.5, high: 0.5 });
  const { low, high } = intervalOfMean([rows(true, false, true, false)]);
  expect([low, high]).toEqual([0, 1]);
});

it('the table has starts by lengths', () => {
  const interval = { low: 0.7, high: 0.9 };
  const table = lengthTable([
    { init: 'random', length: 1, accuracies: [0.8, 0.82], interval },
    { init: 'random', length: 5, accuracies: [0.85], interval },
    { init: 'labels', length: 5, accuracies: [0.9], interval },
  ]);
  expect(table.split('\n')).toEqual([
    '| starts from | P = 1 | P = 5 |',
    '| --- | ---: | ---: |',
    '| random | 81.0 ± 1.4 [70.0, 90.0] | 85.0 [70.0, 90.0] |',
    '| labels |  | 90.0 [70.0, 90.0] |',
  ]);
});
