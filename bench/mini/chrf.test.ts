import { expect, test } from 'vitest';
import { chrf } from './chrf.js';

test('the same is 100, nothing in common 0', () => {
  expect(chrf(['一只猫。', 'a cat'], ['一只猫。', 'a cat'])).toBe(100);
  expect(chrf(['狗'], ['一只猫。'])).toBe(0);
  expect(chrf([''], ['一只猫。'])).toBe(0);
});

test('an example by hand', () => {
  // n = 1: 3 of 3 match, of 4 wanted: P 1, R 3/4, F2 = 5 · 0.75 / 4.75; n = 2: 2 of 2, of 3: F2 = 5 · (2/3) / (4 + 2/3);
  // n = 3: 1 of 1, of 2: 5 · 0.5 / 4.5; n = 4: none of 1.
  const f = [3.75 / 4.75, 10 / 3 / (14 / 3), 2.5 / 4.5, 0];
  expect(chrf(['一只猫'], ['一只猫。'])).toBeCloseTo((100 * f.reduce((a, b) => a + b)) / 4, 10);
});

test('counts are of the whole set, a repeated gram matches as often as it is wanted, and spaces do not count', () => {
  // n = 1: "aa" has 1 match of 2, "b" has none of 1; P = R = 1/3. n = 2: P 0 of 1, and nothing is wanted.
  expect(chrf(['aa', 'b'], ['ax', 'y'])).toBeCloseTo((100 * (1 / 3 + 0)) / 2, 10);
  expect(chrf(['a b'], ['ab'])).toBe(100);
});
