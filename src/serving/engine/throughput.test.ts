import { expect, it } from 'vitest';
import { Throughput } from './throughput.js';

it('is unknown until a row has finished', () => {
  const throughput = new Throughput();
  expect(throughput.secondsFor(8, 0)).toBeUndefined();
  throughput.began(1000);
  expect(throughput.secondsFor(8, 5000)).toBeUndefined();
  throughput.finished(3000);
  expect(throughput.secondsFor(8, 3000)).toBe(16);
  expect(throughput.secondsFor(8, 5000)).toBe(32); // nothing has finished since
});

it('is that of the last 32 rows, since the batch was empty', () => {
  const throughput = new Throughput();
  throughput.began(0);
  for (let row = 1; row <= 100; row++) throughput.finished(10_000 * row);
  for (let row = 1; row <= 32; row++) throughput.finished(1_000_000 + 500 * row);
  expect(throughput.secondsFor(256, 1_016_000)).toBe(128);
  throughput.began(2_000_000);
  throughput.finished(2_000_100);
  expect(throughput.secondsFor(10, 2_000_100)).toBeCloseTo(1, 10);
});
