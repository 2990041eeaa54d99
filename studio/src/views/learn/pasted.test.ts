import { expect, it } from 'vitest';
import { formatOf } from './pasted.js';

it.each([
  ['{"text": "a"}\n{"text": "b"}', 'jsonl'],
  ['{"text": "a"}', 'jsonl'],
  ['{\n  "data": []\n}', 'json'],
  ['[{"text": "a"}]', 'json'],
  ['[Chorus]\nla la', 'txt'],
  ['text,label\nA fine day,good', 'csv'],
  ['text\tlabel\nA fine day, indeed\tgood', 'tsv'],
  ['Well, that was it.\nNo more.', 'txt'],
  ['One line, with a comma', 'txt'],
  ['text,label\nA fine day,good\n\nno label', 'csv'],
  ['Hello, world\nYes, it is\nNo', 'txt'],
])('%j is %s', (text, format) => {
  expect(formatOf(text)).toBe(format);
});
