import { afterEach, expect, it } from 'vitest';
import { english, keyOf, said, say, speak } from './say.js';

afterEach(() => speak(english));

const partsOf = (parts: TemplateStringsArray, ..._: unknown[]) => parts;

it('says a sentence in English, in one line', () => {
  expect(say`expected ${2} of
    ${'them'}, got none`).toBe('expected 2 of them, got none');
  expect(say`two\nlines`).toBe('two\nlines');
});

it('says it in the chosen language, with the values in its own order', () => {
  const sentences = { 'expected {0} of {1}': '{1} 中应有 {0} 个', 'not a number': '不是数' };
  speak({ language: 'zh', sentences });
  expect(say`expected ${2} of ${'{0}'}`).toBe('{0} 中应有 2 个');
  expect(say`found ${2} of ${3}`).toBe('found 2 of 3');
  expect(say`${say`not a number`}: ${1}`).toBe('不是数: 1');
  expect([said('not a number'), said('other')]).toEqual(['不是数', 'other']);
});

it('has words that go with a count, in English alone', () => {
  const counted = (count: unknown) => say`found ${count} row|rows, which is|are too few of ${5} label|labels`;
  expect(counted(1)).toBe('found 1 row, which is too few of 5 labels');
  expect(counted('1,000')).toBe('found 1,000 rows, which are too few of 5 labels');
  expect(say`expected one of ${'a|b'} | list`).toBe('expected one of a|b | list');
  const sentences = { '{0} row|rows': '{0} 行' };
  speak({ language: 'zh', sentences });
  expect(say`${1} row|rows`).toBe('1 行');
});

it('calls a sentence by its text with numbered places', () => {
  expect(
    keyOf(partsOf`expected ${1} of
    ${2}, got ${3}`),
  ).toBe('expected {0} of {1}, got {2}');
});
