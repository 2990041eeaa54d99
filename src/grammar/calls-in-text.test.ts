import { describe, expect, it } from 'vitest';
import type { CallPlaces } from './calls-in-text.js';
import { type GrammarState, Grammars } from './index.js';

const encoder = new TextEncoder();
/** All bytes, some tokens of several, and one without bytes. */
const tokens = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...['<c>', '<c>{', '>x', '{"', ' {'].map((text) => encoder.encode(text)),
  undefined,
];
const grammars = new Grammars(() => tokens);
const jsonSchema = {
  type: 'object',
  properties: { name: { const: 'f' }, x: { type: 'integer', minimum: 1, maximum: 9 } },
  required: ['name', 'x'],
  additionalProperties: false,
};
const marked: CallPlaces = { marker: '<c>', beginnings: [] };
const bare: CallPlaces = { marker: '', beginnings: ['{ "name" : "f"', '[ { "name" : "f"'], separator: ';' };

/** The state behind a text, byte by byte; undefined if a byte is not allowed. */
function stateBehind(places: CallPlaces, text: string): GrammarState | undefined {
  let state = grammars.ofCalls({ ...places, jsonSchema }).start();
  for (const byte of encoder.encode(text)) {
    if (!((state.allowed[byte >> 5]! >>> (byte & 31)) & 1)) return undefined;
    state = state.after(byte);
  }
  return state;
}
const read = (places: CallPlaces, text: string) => {
  const state = stateBehind(places, text);
  return state ? (state.isEnd ? 'whole' : 'begun') : 'refused';
};
const isAllowed = ({ allowed }: GrammarState, id: number) => ((allowed[id >> 5]! >>> (id & 31)) & 1) === 1;

describe('text with marked calls', () => {
  it.each([
    ['whole', ['', 'It rains. {"a": 1}', '<', '<c', 'é<', '<c]', '<<c', 'a <C>{', '\u0000\n']],
    [
      'whole',
      ['<c>{"name": "f", "x": 3}', 'So: <c>\n{"name":"f","x":9}\n</c> and <c> {"name": "f", "x": 1}; b'],
    ],
    [
      'whole',
      ['<<c>{"name": "f", "x": 3}', '<c<c>{"name": "f", "x": 3}<', '<c>{"name": "f", "x": 3} {"x": 10}'],
    ],
    ['begun', ['<c>', '<<c>', 'a <c> {"name": "f", "x', '<c>{"name": "f", "x": 3']],
    [
      'refused',
      [
        '<c>x',
        '<c>{"x"',
        '<c>{"name": "g"',
        '<c>{"name": "f", "x": 0',
        '<c<c>x',
        '<c>{"name": "f", "x": 3}<c>]',
      ],
    ],
  ])('is %s: %j', (expected, texts) => {
    for (const text of texts) expect(read(marked, text), text).toBe(expected);
  });

  it('finds a marker that overlaps itself', () => {
    const places = { marker: 'aabaac', beginnings: [] };
    for (const before of ['', 'aab', 'aabaab', 'a', 'aa', 'aaba'])
      expect([read(places, `${before}aabaac`), read(places, `${before}aabaacx`)], before).toEqual([
        'begun',
        'refused',
      ]);
  });

  it('rules out only tokens that begin a call and go on wrongly', () => {
    const free = stateBehind(marked, 'It ')!;
    expect([free.isFree, free.isEnd, isAllowed(free, tokens.length - 1)]).toEqual([true, true, true]);
    expect(free.after(tokens.length - 1).isFree).toBe(true);
    const nearly = stateBehind(marked, 'It <c')!;
    expect([nearly.isFree, isAllowed(nearly, 258), isAllowed(nearly, '>'.charCodeAt(0))]).toEqual([
      false,
      false,
      true,
    ]);
    const called = free.after(257);
    expect([called.isFree, called.isEnd, isAllowed(called, tokens.length - 1)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('text that may begin with calls', () => {
  it.each([
    [
      'whole',
      [
        '',
        ' ',
        'It rains. {"name": "f", "y"',
        '{',
        '{ "name"',
        '{"name": "g", "x": 0}',
        '[1]',
        '{"x": 0}',
        '{}',
      ],
    ],
    [
      'whole',
      ['{"name": "f", "x": 3}', '\n\n {"name": "f", "x": 3}', '{"name": "f", "x": 3}; {"name": "f", "x": 4}'],
    ],
    ['whole', ['{"name": "f", "x": 3} and ; {"name": "f", "x": 0}', '{"name": "f", "x": 3}; so']],
    ['begun', ['{"name": "f"', '{"name":"f","x":', '{"name": "f", "x": 3};{"name": "f", "x": ']],
    [
      'refused',
      ['{"name": "f", "y', ' {"name": "f"}', '{"name": "f", "x": 0', '[{"name": "f"', '[ {\n"name" : "f"'],
    ],
    ['refused', ['{"name": "f", "x": 3} ; {"name": "f", "x": 0']],
  ])('is %s: %j', (expected, texts) => {
    for (const text of texts) expect(read(bare, text), text).toBe(expected);
  });
});

it('refuses a schema that no value satisfies', () => {
  expect(() => grammars.ofCalls({ ...marked, jsonSchema: false })).toThrow('no value fulfils it');
});
