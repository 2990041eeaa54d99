import { expect, test } from 'vitest';
import { makeTask } from '../../tools/mini-corpus/tasks.js';
import { isCatContinuation } from './cat-grammar.js';

test('knows whatever the corpus writes, held-out combinations included', () => {
  const { train, test: heldOut } = makeTask('cat-zh', {
    seed: 3,
    sizes: { train: 200, validation: 0, test: 200 },
  });
  const unknown = [...train, ...heldOut].filter(({ completion }) => !isCatContinuation(completion));
  expect(unknown).toEqual([]);
});

test.each([
  ['毛茸茸的，', 'it does not end'],
  ['毛茸茸的，喜欢追蝴蝶。毛茸茸的，', 'it goes on and does not end'],
  ['毛茸茸的，喜欢吃飞机。', 'no action of cats'],
  ['喜欢追蝴蝶。今天很热。', 'a sentence about something else'],
  ['likes to chase butterflies.', 'the other language'],
  ['', 'nothing'],
])('%s: %s', (text) => {
  expect(isCatContinuation(text)).toBe(false);
});
