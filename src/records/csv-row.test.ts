import { expect, it } from 'vitest';
import { csvFields } from './csv-row.js';

it.each<[string, string[]]>([
  ['', []],
  ['\n', ['']],
  ['a,b,c', ['a', 'b', 'c']],
  ['a,,\r\n', ['a', '', '']],
  ['"a,b","c""d","e\nf"\n', ['a,b', 'c"d', 'e\nf']],
  ['"",""""', ['', '"']],
  ['a\rb,c\n', ['a\rb', 'c']],
])('%j', (row, fields) => expect(csvFields(row, ',')).toEqual(fields));

it('divides at another separator', () => expect(csvFields('a,b;"c;d"', ';')).toEqual(['a,b', 'c;d']));

it.each(['a"b,c', '"a"b', '"a', '"a" ,b', 'a, "b"'])('a quote where none may be: %j', (row) =>
  expect(csvFields(row, ',')).toBeUndefined(),
);
