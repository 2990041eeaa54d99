import { expect, test } from 'vitest';
import { chrf2 } from './chrf.js';
import { allOf } from './metric.js';

function chrf(predictions: readonly string[], references: readonly string[]): number {
  const rows = predictions.map((prediction, i) => ({ prediction, references: [references[i]!] }));
  return chrf2.scorer(rows).of(allOf(rows));
}

test('the same is 100, nothing in common 0', () => {
  expect(chrf(['一只猫。', 'a cat'], ['一只猫。', 'a cat'])).toBe(100);
  expect(chrf(['狗'], ['一只猫。'])).toBe(0);
  expect(chrf([''], ['一只猫。'])).toBe(0);
});

test('an example by hand', () => {
  // n = 1: 3 of 3 match, of 4 wanted: P 1, R 3/4; n = 2: 2 of 2, of 3; n = 3: 1 of 1, of 2; n = 4 is not in the text.
  const recall = (3 / 4 + 2 / 3 + 1 / 2) / 3;
  expect(chrf(['一只猫'], ['一只猫。'])).toBeCloseTo((100 * 5 * recall) / (4 + recall), 10);
});

test('counts are of the whole set, a repeated gram matches as often as in the reference, and spaces do not count', () => {
  // n = 1: "aa" has 1 match of 2, "b" has none of 1: P = R = 1/3. n = 2: none of 1, of 1 wanted: P = R = 0.
  expect(chrf(['aa', 'b'], ['ax', 'y'])).toBeCloseTo((100 * (1 / 3)) / 2, 10);
  expect(chrf(['a b'], ['ab'])).toBe(100);
});
