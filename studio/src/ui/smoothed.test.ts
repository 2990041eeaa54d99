import { expect, it } from 'vitest';
import { smoothed } from './smoothed.js';

const line = Array.from({ length: 100 }, (_, step) => ({ step, value: 3 * step }));

it('leaves a straight line as it is, without lagging behind', () => {
  expect(smoothed(line)).toEqual(line);
});

it('averages noise', () => {
  const noisy = line.map(({ step, value }) => ({ step, value: value + (step % 2 === 0 ? 1 : -1) }));
  // A fortieth of 100 points, on each side: means of 7.
  expect(smoothed(noisy)[50]!.value).toBeCloseTo(150 - 1 / 7, 9);
});
