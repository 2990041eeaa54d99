import { expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { methodNamed } from '../methods/registry.js';
import type { EncodedExample } from '../text/encode.js';
import { createLossEvaluator } from './evaluator.js';
import { groupRows } from './shared-rows.js';

useWarmRuntime();

/** A text of which the last `asked` tokens are asked for. */
const example = (ids: readonly number[], asked = 1, taskId?: number): EncodedExample => ({
  inputIds: Int32Array.from(ids),
  lossMask: Uint8Array.from(ids, (_, i) => Number(i >= ids.length - asked)),
  ...(taskId !== undefined && { taskId }),
});
/** A text with a label of its own at one place. */
const labeled = (ids: readonly number[], at: number, label: number): EncodedExample => ({
  inputIds: Int32Array.from(ids),
  lossMask: Uint8Array.from(ids, (_, i) => Number(i === at)),
  labels: Int32Array.from(ids, (_, i) => (i === at ? label : -100)),
});
const sizesOf = (examples: EncodedExample[]) => groupRows(examples).map(({ length }) => length);

it('groups neighbors that differ in their only label', () => {
  expect(sizesOf([example([5, 6, 7]), example([5, 6, 8]), example([5, 6, 7]), example([5, 9, 7])])).toEqual([
    3, 1,
  ]);
  expect(sizesOf([labeled([5, 6, 7], 1, 3), labeled([5, 6, 7], 1, 4), labeled([5, 6, 7], 2, 4)])).toEqual([
    2, 1,
  ]);
});

it.each([
  ['several tokens that are asked for', [example([5, 6, 7], 2), example([5, 6, 8], 2)]],
  ['nothing before the label', [example([5]), example([6])]],
  ['texts of other lengths', [example([5, 6, 7]), example([5, 6, 7, 8])]],
  ['other tasks', [example([5, 6, 7], 1, 0), example([5, 6, 8], 1, 1)]],
  ['a label of its own beside a token', [example([5, 6, 7]), labeled([5, 6, 7], 2, 7)]],
  ['other texts with labels of their own', [labeled([5, 6, 7], 1, 3), labeled([5, 6, 8], 1, 3)]],
  [
    'a token that others see',
    [
      { ...example([5, 6, 7]), lossMask: Uint8Array.of(0, 1, 0) },
      { ...example([5, 8, 7]), lossMask: Uint8Array.of(0, 1, 0) },
    ],
  ],
])('leaves alone %s', (_, examples) => {
  expect(sizesOf(examples)).toEqual([1, 1]);
});

it('computes for each example what it has alone', async () => {
  const model = await loadTinyGpt2();
  const tokenizer = { encode: () => [] };
  const prompt = await methodNamed('prompt-tuning').createLearner({
    model,
    config: { numVirtualTokens: 3 },
    tokenizer,
    seed: 1,
  });
  const examples = [
    example([4]),
    ...[7, 8, 9].map((label) => example([5, 6, label])),
    example([5, 6, 7, 8], 2),
    ...[3, 3, 1].map((label) => example([1, 2, 3, 4, 5, label])),
  ];
  const evaluator = await createLossEvaluator(model, prompt);
  const alone: number[] = [];
  for (const one of examples) alone.push(...(await evaluator.evaluateRows([one])));
  for (const batchSize of [undefined, 1, 3]) {
    const sums = await evaluator.evaluateRows(examples, batchSize);
    expect(sums).toHaveLength(examples.length);
    for (const [i, sum] of sums.entries()) expect(sum).toBeCloseTo(alone[i]!, 4);
  }
  expect(new Set(alone.map((loss) => loss.toFixed(4))).size).toBe(examples.length - 1); // one label is there twice
  await evaluator.dispose();
});
