import { expect, it } from 'vitest';
import {
  branchOf,
  fieldsOf,
  type JsonSchema,
  spacedOut,
  textOf,
  valueFrom,
  withValue,
} from './schema-form.js';

const schema: JsonSchema = {
  properties: {
    rank: { type: 'integer' },
    init: { type: 'string', enum: ['random', 'text'] },
    isBig: { type: 'boolean', default: false },
    hasHeader: { type: 'boolean' },
    layers: { type: 'array', items: { type: 'integer' } },
    labels: { type: 'array', items: { type: 'string' } },
    validation: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    adapter: { anyOf: [{ type: 'string' }, {}] },
    ranks: { type: 'object' },
    schedule: { properties: { name: { type: 'string' } } },
  },
};
const field = (key: string) => fieldsOf(schema).find((one) => one.key === key)!;

it('gives each key the control of its type', () => {
  expect(fieldsOf(schema).map(({ key, kind }) => [key, kind])).toEqual([
    ['rank', 'number'],
    ['init', 'choice'],
    ['isBig', 'switch'],
    ['hasHeader', 'decision'],
    ['layers', 'list'],
    ['labels', 'list'],
    ['validation', 'value'],
    ['adapter', 'text'],
    ['ranks', 'json'],
    ['schedule', 'group'],
  ]);
});

it.each([
  ['rank', '8', 8],
  ['rank', ' ', undefined],
  ['rank', 'eight', 'eight'],
  ['layers', '0, 2，3', [0, 2, 3]],
  ['labels', 'good, bad,', ['good', 'bad']],
  ['validation', '0.1', 0.1],
  ['validation', 'dev.jsonl', 'dev.jsonl'],
  ['ranks', '{"q": 4}', { q: 4 }],
  ['ranks', '{"q"', '{"q"'],
])('reads %s from %j', (key, text, value) => {
  expect(valueFrom(field(key), text)).toEqual(value);
});

it('writes a value as it is read', () => {
  expect(textOf('list', [0, 2])).toBe('0, 2');
  expect(textOf('json', { q: 4 })).toBe('{"q":4}');
  expect(textOf('number', 0)).toBe('0');
  expect(textOf('number', undefined)).toBe('');
});

it('finds the alternative that is named, and the default one', () => {
  const sgd: JsonSchema = { properties: { name: { const: 'sgd' }, momentum: { type: 'number' } } };
  const adamw: JsonSchema = { properties: { name: { const: 'adamw' } } };
  const optimizer: JsonSchema = { oneOf: [sgd, adamw], default: { name: 'adamw' } };
  expect(branchOf(optimizer, {})).toEqual({ branch: adamw, names: ['sgd', 'adamw'] });
  expect(branchOf(optimizer, { name: 'sgd' }).branch).toBe(sgd);
});

it('keeps defaults out of the values', () => {
  expect(withValue({ rank: 4, init: 'text' }, 'rank', undefined)).toEqual({ init: 'text' });
});

it('makes words of a key', () => {
  expect(spacedOut('numVirtualTokens')).toBe('Num virtual tokens');
});
