import { expect, it } from 'vitest';
import { defineMetric } from './define-metric.js';
import { allOf, summed } from './metric.js';
import { resolveMetrics } from './registry.js';

const rows = [
  { prediction: 'a', references: ['abc'] },
  { prediction: 'abcd', references: ['ab', 'abcd'] },
];

it('is the mean of the scores of rows, with the rest by default', () => {
  const length = defineMetric({ name: 'length', score: ({ prediction }) => prediction.length });
  expect(length).toMatchObject({
    name: 'length',
    needs: 'texts',
    better: 'higher',
    scale: 0,
    hasInterval: true,
  });
  expect(length.signature(rows)).toBe('');
  const scorer = length.scorer(rows);
  expect(scorer.of(allOf(rows))).toBe(2.5);
  expect(scorer.of([0, 0, 1])).toBe(2);
  expect(scorer.row!(1)).toBe(4);
});

it('scores all rows together if it defines a scorer', () => {
  const ratio = defineMetric({
    name: 'ratio',
    better: 'lower',
    scale: 1,
    signature: 'first reference',
    hasInterval: false,
    scorer: (all) =>
      summed(
        all.map(({ prediction, references }) => [prediction.length, references[0]!.length]),
        ([ours, theirs]) => ours! / theirs!,
      ),
  });
  expect(ratio).toMatchObject({ better: 'lower', scale: 1, hasInterval: false });
  expect(ratio.signature(rows)).toBe('first reference');
  expect(ratio.scorer(rows).of(allOf(rows))).toBe(1);
});

it('needs a name that no other metric has', () => {
  const named = (name: string) => defineMetric({ name, score: () => 1 });
  expect(() => named('')).toThrow('a metric needs a name');
  const mine = named('mine');
  expect(resolveMetrics(['bleu', mine]).map(({ name }) => name)).toEqual(['bleu', 'mine']);
  for (const [chosen, name] of [
    [[mine, named('mine')], 'mine'],
    [['bleu', 'bleu'], 'bleu'],
    [[named('bleu')], 'bleu'],
    [[named('loss')], 'loss'],
  ] as const)
    expect(() => resolveMetrics(chosen)).toThrow(
      `metrics: "${name}" is the name of two metrics; rename yours`,
    );
});
