import { expect, test } from 'vitest';
import { makeTask } from '../../tools/mini-corpus/tasks.js';
import { sentimentOf } from './sentiment-words.js';

test.each([
  ['The room was clean and quiet.', 'positive'],
  ['Not worth the money! The service was wonderful, but the food was stale.', 'negative'],
  ['The soup was delicious. The bread was burnt.', undefined],
  ['I can recommend it to everyone.', 'positive'],
  ['I cannot recommend it to anyone.', 'negative'],
  ['It is an exciting film about dogs.', 'positive'],
  ['We ordered a pizza and some soup.', undefined],
  ['A mess.', 'negative'],
  ['An uncleanly place', undefined],
])('%s: %s', (text, sentiment) => {
  expect(sentimentOf(text)).toBe(sentiment);
});

test('is nearly always right about what the corpus writes', () => {
  const { train } = makeTask('sentiment', { seed: 5, sizes: { train: 400, validation: 0, test: 0 } });
  const found = train.map(({ prompt, completion }) => [sentimentOf(prompt), completion]);
  const right = found.filter(([ours, label]) => ours === label).length;
  const wrong = found.filter(([ours, label]) => ours !== undefined && ours !== label).length;
  expect(right / found.length).toBeGreaterThan(0.9);
  expect(wrong / found.length).toBeLessThan(0.02);
});
