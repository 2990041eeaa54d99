import { expect, it } from 'vitest';
import { Numeral } from './numeral.js';
import { parsePythonLiteral } from './python-literal.js';

// The texts are what str() of Python 3.11, and to_csv of pandas 3.1 with NumPy 2.4, write for the values.
it.each<[string, unknown]>([
  ["['x', 'y']", ['x', 'y']],
  [`["it's", 'say "hi"', 'both \\' and "']`, ["it's", 'say "hi"', 'both \' and "']],
  ["['a\\nb\\t\\\\ \\x1b é \\u2028 \\U0001f600 \\d']", ['a\nb\t\\ \x1b é \u2028 😀 \\d']],
  [
    "{'text': array(['x'], dtype=object), 'answer_start': array([177], dtype=int32)}",
    { text: ['x'], answer_start: [177] },
  ],
  ["{'text': array([], dtype=object)}", { text: [] }],
  ["['a' 'b c'\n 'd']", ['a', 'b c', 'd']],
  [
    "[{'from': 'human', 'value': 'hi'}\n {'from': 'gpt', 'value': None}]",
    [
      { from: 'human', value: 'hi' },
      { from: 'gpt', value: null },
    ],
  ],
  ["(1, 'a', True)", [1, 'a', true]],
  ["('a',)", ['a']],
  ['[1, -2.50, nan]', [1, new Numeral('-2.50'), new Numeral('nan')]],
  ['[np.float64(0.5), np.str_("x")]', [0.5, 'x']],
  ["array(['<a>'], dtype='<U3')", ['<a>']],
  ['[]', []],
  ['{}', {}],
])('%s is read', (text, value) => {
  expect(parsePythonLiteral(text)).toEqual(value);
});

it.each([
  "['a' 'b', 'c']", // Python joins the first two, NumPy would not
  "['a', ...]",
  "['a', 'b'",
  "['a'] and more",
  "{'a', 'b'}",
  "{'a': datetime.date(2024, 1, 2)}",
  "['\\N{BULLET}']",
  "('a')",
  "'a'",
  '12',
  '[see above]',
  "['a\nb']",
  `${'['.repeat(100)}${']'.repeat(100)}`,
])('%s is left as it is', (text) => {
  expect(parsePythonLiteral(text)).toBeUndefined();
});
