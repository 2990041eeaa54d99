import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { seededRandom } from '../random.js';
import { networkOf } from './json-schema.js';
import { Matcher, type Position } from './matcher.js';
import type { JsonSchema } from './schema-keywords.js';
import { Grammars } from './token-grammar.js';

const encoder = new TextEncoder();

/** All bytes, and tokens of several. */
const tokens = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...[
    '{"',
    '": ',
    '", "',
    '"}',
    '",',
    ' {',
    '}]',
    'tr',
    'true',
    'null',
    '12',
    '0.5',
    'ab',
    'é',
    'né',
    '\\u00',
    '\n  ',
    ']}',
  ].map((text) => encoder.encode(text)),
  undefined,
];
const grammars = new Grammars(() => tokens);

function accepts(schema: JsonSchema, text: string): boolean {
  const matcher = new Matcher(networkOf(schema));
  let position: Position | null = matcher.start;
  for (const byte of encoder.encode(text)) {
    if (position === null) return false;
    position = matcher.next(position, byte);
  }
  return position?.isEnd ?? false;
}

const object = (properties: object, more: object = {}) =>
  ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...more,
  }) as JsonSchema;

const tree: JsonSchema = {
  $defs: {
    node: object({
      value: { type: 'integer' },
      next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
    }),
  },
  $ref: '#/$defs/node',
};

describe('what a schema allows', () => {
  const cases: [name: string, schema: JsonSchema, yes: unknown[], no: unknown[]][] = [
    ['anything', true, [null, 1.5e-7, 'a"\\\né😀', [1, ['x']], { a: { b: [] } }], []],
    ['an integer', { type: 'integer' }, [0, -12, 123456789], [1.5, '1', null]],
    ['a number', { type: 'number' }, [0, -1.25, 1e21, 3e-7], ['1']],
    ['types', { type: ['string', 'null'] }, ['', null], [0, false]],
    [
      'bounds',
      { type: 'integer', minimum: -5, maximum: 120 },
      [-5, -1, 0, 9, 10, 99, 120],
      [-6, 121, 130, 200, 1000, -10],
    ],
    ['one side', { type: 'integer', exclusiveMinimum: 17 }, [18, 20, 170, 1e9], [17, 9, 0, -18]],
    [
      'fractions',
      { type: 'number', minimum: 0.5, exclusiveMaximum: 2 },
      [0.5, 0.51, 1, 1.999],
      [0.4, 0, 2, 2.1, 10],
    ],
    [
      'below zero',
      { type: 'number', minimum: -1.5, maximum: -0.25 },
      [-1.5, -1, -0.25, -0.3],
      [-1.6, -0.2, 0, 1, -2],
    ],
    ['lengths', { type: 'string', minLength: 2, maxLength: 3 }, ['ab', '😀é', '\n"a'], ['a', 'abcd']],
    [
      'a pattern',
      { type: 'string', pattern: '^[a-c]{2,}-\\d+$' },
      ['ab-1', 'ccc-123'],
      ['a-1', 'ab-', 'xab-1'],
    ],
    ['a loose pattern', { type: 'string', pattern: 'b+|^x' }, ['abc', 'xyz', 'bb'], ['a', 'yx']],
    [
      'classes',
      { type: 'string', pattern: '^[^\\s"\\-z][A-ZÄÉ].$' },
      ['aÄ"', 'éB\\'],
      [' Bc', 'aaa', '"Bc', 'aB\n'],
    ],
    [
      'a date',
      { type: 'string', format: 'date' },
      ['2024-02-28', '1999-12-31'],
      ['2024-02-30', '2024-13-01', 'now'],
    ],
    [
      'lists',
      { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 3 },
      [[1], [1, 2, 3]],
      [[], [1, 2, 3, 4], ['a']],
    ],
    [
      'a tuple',
      { type: 'array', prefixItems: [{ type: 'string' }, { type: 'null' }], items: false },
      [[], ['a'], ['a', null]],
      [
        ['a', 'b'],
        ['a', null, 1],
      ],
    ],
    [
      'optional',
      {
        type: 'object',
        properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } },
        required: ['b'],
      },
      [{ b: null }, { a: null, b: null }, { b: null, c: null }, { a: null, b: null, c: null }],
      [{}, { a: null }, { b: null, d: null }],
    ],
    [
      'others',
      { type: 'object', properties: { ab: { type: 'null' } }, additionalProperties: { type: 'integer' } },
      [{}, { ab: null }, { a: 1 }, { ab: null, abc: 2, b: 3 }],
      [{ ab: 1 }, { a: null }],
    ],
    ['constants', { enum: ['a', 'ab', 3, null] }, ['a', 'ab', 3, null], ['b', 4, {}]],
    ['typed constants', { type: 'string', enum: ['a', 1] }, ['a'], [1]],
    ['itself', tree, [{ value: 1, next: { value: 2, next: null } }], [{ value: 1 }, { value: 1, next: 2 }]],
    [
      'all of',
      {
        allOf: [
          object({ a: { type: 'string' } }, { additionalProperties: undefined }),
          { properties: { b: { type: 'null' } }, required: ['b'] },
        ],
      },
      [{ a: '', b: null }],
      [{ a: '' }, { b: null }],
    ],
    [
      'siblings',
      {
        type: 'object',
        properties: { k: { type: 'string' } },
        anyOf: [{ required: ['k'] }, { properties: { n: { type: 'null' } } }],
      },
      [{ k: 'x' }, { n: null }, {}],
      [{ m: 1 }],
    ],
    [
      'one of',
      { oneOf: [object({ t: { const: 'a' }, x: { type: 'null' } }), object({ t: { const: 'b' } })] },
      [{ t: 'a', x: null }, { t: 'b' }],
      [{ t: 'a' }, { t: 'b', x: null }],
    ],
  ];

  it.each(cases)('%s', (_, schema, yes, no) => {
    for (const value of yes) {
      expect(accepts(schema, JSON.stringify(value)), JSON.stringify(value)).toBe(true);
      expect(accepts(schema, JSON.stringify(value, null, 2)), JSON.stringify(value)).toBe(true);
    }
    for (const value of no) expect(accepts(schema, JSON.stringify(value)), JSON.stringify(value)).toBe(false);
  });

  it.each(cases)('%s: whatever is written is valid', (_, schema) => {
    const random = seededRandom(7);
    const { pattern } = schema as { pattern?: string };
    // Zod's own patterns have no flag u.
    const valid =
      pattern === undefined ? z.fromJSONSchema(schema as never) : z.string().regex(new RegExp(pattern, 'u'));
    for (let i = 0; i < 20; i++) {
      const text = written(schema, () => random.below(1000) / 1000);
      const result = valid.safeParse(JSON.parse(text));
      expect(result.success, `${text}\n${result.error}`).toBe(true);
    }
  });

  it('a pattern with properties of characters', () => {
    const schema = { type: 'string', pattern: '^\\p{Lu}\\P{L}$' };
    expect(['"Ä1"', '"ä1"', '"Äx"'].map((text) => accepts(schema, text))).toEqual([true, false, false]);
  });

  it('a constant with parts', () => {
    expect(accepts({ const: { x: [1, 'a'] } }, '{"x": [1, "a"]}')).toBe(true);
    expect(accepts({ const: { x: [1, 'a'] } }, '{"x": [1]}')).toBe(false);
  });

  it('follows so many ways at once, and no more', () => {
    const schema = { type: 'string', pattern: '^(.{0,99}){0,99}$' } as const;
    expect(() => accepts(schema, '"aaa"')).toThrow('it is too large');
  });

  it('reads no number, literal or string that JSON does not', () => {
    for (const text of [
      '01',
      '1.',
      '.5',
      '+1',
      '1e',
      'tru',
      '"\t"',
      '"\\x"',
      '"\\ud800"',
      '[1,]',
      '{"a":1,}',
      '{a:1}',
      '1 1',
    ])
      expect(accepts(true, text), text).toBe(false);
    for (const text of [' 1', '"\\ud83d\\ude00\\/"', '-0', '1E+2', '{"a": [\n    1,\n    2]}'])
      expect(accepts(true, text), text).toBe(true);
  });
});

/** A text of tokens that may follow one another; where it may end, it does one time in three. */
function written(schema: JsonSchema, random: () => number): string {
  const bytes: number[] = [];
  for (let state = grammars.ofJsonSchema(schema).start(); ; ) {
    if (state.isOver || (state.isEnd && random() < 0.3)) break;
    const allowed = idsOf(state.allowed);
    // Long texts are brought to an end with closing tokens.
    const closing = bytes.length > 60 ? [...'"b}]1'].map((each) => each.charCodeAt(0)) : [];
    const id =
      closing.find((byte) => allowed.includes(byte)) ?? allowed[Math.floor(random() * allowed.length)]!;
    bytes.push(...tokens[id]!);
    state = state.after(id);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
}

const idsOf = (mask: Uint32Array) => [...tokens.keys()].filter((id) => (mask[id >> 5]! >> (id & 31)) & 1);

it('allows those tokens whose bytes can follow, one by one', () => {
  const schema = object({
    é: { type: 'array', items: { enum: ['true', true, 12, 0.5] } },
    b: { type: 'string' },
  });
  const matcher = new Matcher(networkOf(schema));
  for (const before of [
    '',
    '{',
    '{"',
    '{"é',
    '{"é": [',
    '{"é": [tr',
    '{"é":[1',
    '{"é":[12],"b":"n',
    '{"é":[],"b":"\\u00',
  ]) {
    let state = grammars.ofJsonSchema(schema).start();
    let position: Position | null = matcher.start;
    for (const byte of encoder.encode(before)) {
      state = state.after(byte);
      position = matcher.next(position!, byte);
    }
    const follows = (token: Uint8Array) =>
      token.reduce<Position | null>((at, byte) => at && matcher.next(at, byte), position) !== null;
    expect(idsOf(state.allowed), before).toEqual(
      [...tokens.keys()].filter((id) => tokens[id] !== undefined && follows(tokens[id])),
    );
  }
});

it('knows where a text may end, and where it has to', () => {
  const at = (schema: JsonSchema, text: string) => {
    let state = grammars.ofJsonSchema(schema).start();
    for (const byte of encoder.encode(text)) state = state.after(byte);
    return [state.isEnd, state.isOver];
  };
  expect(at({ type: 'integer' }, '1')).toEqual([true, false]);
  expect(at({ type: 'integer' }, '-')).toEqual([false, false]);
  expect(at({ type: 'object' }, '{}')).toEqual([true, true]);
});

describe('a schema that is refused', () => {
  it.each<[message: string, schema: unknown]>([
    [
      '#/type: expected one of object, array, string, number, integer, boolean, null, got "objekt"',
      { type: 'objekt' },
    ],
    ['#/items: uniqueItems is not supported', { type: 'array', items: { uniqueItems: true } }],
    ['#/properties/a~1b: not is not supported', { properties: { 'a/b': { not: {} } } }],
    ['#/$ref: there is nothing at #/$defs/none', { $ref: '#/$defs/none' }],
    [
      '#/$ref: expected a path in the schema itself, such as #/$defs/name, got "https://example.com"',
      { $ref: 'https://example.com' },
    ],
    ['#: no value fulfils it', { $ref: '#' }],
    [
      '#: a $ref leads back to itself with nothing between',
      { $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } }, $ref: '#/$defs/a' },
    ],
    [
      '#: no value fulfils it',
      {
        $defs: { a: { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, required: ['a'] } },
        $ref: '#/$defs/a',
      },
    ],
    ['#: no value fulfils it', { type: 'integer', minimum: 3, maximum: 2 }],
    [
      '#/pattern: "(" is no regular expression: Invalid regular expression: /(/u: Unterminated group',
      { type: 'string', pattern: '(' },
    ],
    ['#/pattern: "(?!a)b" has a lookaround, which is not supported', { type: 'string', pattern: '(?!a)b' }],
    [
      '#/pattern: "(a)\\\\1" has a reference to a group, which is not supported',
      { type: 'string', pattern: '(a)\\1' },
    ],
    [
      '#: it is too large; use smaller bounds, or fewer parts',
      { type: 'string', pattern: 'a{1000}'.repeat(1000) },
    ],
    ['#: it is too large; use smaller bounds, or fewer parts', { type: 'string', maxLength: 1e9 }],
    [
      '#/format: "color" is not supported; expected one of date, time, date-time, duration, email, hostname, ipv4, ipv6, uuid, uri',
      { type: 'string', format: 'color' },
    ],
    [
      '#/oneOf: options 0 and 1 may both hold, which is not supported; use anyOf',
      { oneOf: [{ type: 'integer' }, { type: 'number' }] },
    ],
    ['#/required: "a" is not among the properties', { required: ['a'] }],
    ['#: two values of pattern cannot be combined', { allOf: [{ pattern: 'a' }, { pattern: 'b' }] }],
    [
      '#: additionalProperties is not supported where schemas are combined',
      { allOf: [{ additionalProperties: false }, { properties: { a: true } }] },
    ],
    [
      '#: items is not supported where it is combined with prefixItems',
      { allOf: [{ items: { type: 'null' } }, { prefixItems: [{ type: 'string' }] }] },
    ],
    ['#/$ref: there is nothing at #/%', { $ref: '#/%' }],
    [
      '#: it is nested too deeply',
      {
        $defs: Object.fromEntries(
          Array.from({ length: 20_000 }, (_, i) => [`a${i}`, { anyOf: [{ $ref: `#/$defs/a${i + 1}` }] }]),
        ),
        $ref: '#/$defs/a0',
      },
    ],
    [
      '#: it is too large; use smaller bounds, or fewer parts', // 3 kB of references that double 30 times
      {
        $defs: Object.fromEntries(
          Array.from({ length: 31 }, (_, i) => [
            `a${i}`,
            i < 30 && {
              allOf: [{ anyOf: [1, 2].map(() => ({ $ref: `#/$defs/a${i + 1}` })) }, { type: 'null' }],
            },
          ]),
        ),
        $ref: '#/$defs/a0',
      },
    ],
    [
      '#: it is too large; use smaller bounds, or fewer parts', // a million pairs to be told apart
      { oneOf: Array.from({ length: 1000 }, (_, i) => ({ const: i })) },
    ],
  ])('%s', (message, schema) => {
    expect(() => networkOf(schema as JsonSchema)).toThrow(expect.objectContaining({ message }));
  });
});

it('repeats what reads nothing without counting to a billion', () => {
  const schema: JsonSchema = { type: 'string', pattern: '^(a|(){999999999}){2}$' };
  expect([accepts(schema, '"aa"'), accepts(schema, '"aaa"')]).toEqual([true, false]);
});
