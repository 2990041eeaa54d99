import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError, UsageError } from '../errors.js';
import type { Fields } from '../records/record-formats.js';
import { softTokensIn, type TemplateOptions, templateFor } from './template.js';

fc.configureGlobal({ seed: 1 });

function textOf(fields: Fields, options?: TemplateOptions) {
  const record = { path: 'data.jsonl', place: 'line 7', fields };
  return templateFor(record, options)(record);
}

describe('templateFor', () => {
  it.each<[Fields, ReturnType<typeof textOf>]>([
    [
      { prompt: 'a', completion: 'b', text: 'c' },
      { prompt: 'a', completion: 'b' },
    ],
    [
      { input: 'a', output: ' b' },
      { prompt: 'a', completion: ' b' },
    ],
    [
      { instruction: 'do', input: 'this', output: 'b' },
      { prompt: 'do\nthis', completion: 'b' },
    ],
    [
      { instruction: 'do', input: '', output: 'b' },
      { prompt: 'do', completion: 'b' },
    ],
    [
      { instruction: 'do', output: 3 },
      { prompt: 'do', completion: '3' },
    ],
    [
      { text: 'a', label: 1 },
      { prompt: 'a\nLabel:', completion: ' 1' },
    ],
  ])('goes by the names of the fields: %j', (fields, expected) => {
    expect(textOf(fields)).toEqual(expected);
  });

  it.each<[Fields, TemplateOptions, ReturnType<typeof textOf>]>([
    [
      { mr: 'a', ref: 'b' },
      { template: '{mr} ->', completionTemplate: ' {ref}' },
      { prompt: 'a ->', completion: ' b' },
    ],
    [{ mr: 'a', ref: 'b' }, { template: '{mr}: {ref}' }, { completion: 'a: b' }],
    [
      { prompt: 'a', completion: 'b' },
      { template: 'Q: {prompt}\nA:' },
      { prompt: 'Q: a\nA:', completion: 'b' },
    ],
    [{ prompt: 'a', completion: 'b' }, { template: '{prompt}{completion}' }, { completion: 'ab' }],
    [{ prompt: 'a', ref: 'b' }, { completionTemplate: ' {ref}' }, { prompt: 'a', completion: ' b' }],
    [{ 'a b': true }, { template: '<{a b}>' }, { completion: '<true>' }],
    [{ text: '{x}$&' }, { template: '{text}' }, { completion: '{x}$&' }],
  ])('fills in %j with %j', (fields, options, expected) => {
    expect(textOf(fields, options)).toEqual(expected);
  });

  it('gives back any text, and in Jinja with single braces in it', () => {
    const unit = fc.constantFrom('{', '}', '%', 'a', '\n', '猫', '\ufdd0', '\ufdd1');
    fc.assert(
      fc.property(fc.string({ unit }), fc.string(), (text, value) => {
        const plain = text.replaceAll(/[{}]/g, '');
        expect(textOf({ v: value }, { template: `${plain}{v}` })).toEqual({ completion: plain + value });
        const single = text.replaceAll(/\{(?=[{%#])|\{$/g, '').replaceAll(/\n/g, ' ');
        const template = `${single} {{ v }}`;
        expect(textOf({ v: value }, { template })).toEqual({ completion: `${single} ${value}` });
      }),
    );
  });

  it.each<[string, Fields, TemplateOptions, string]>([
    [
      'a field that is not there',
      { mr: 'a', ref: 'b' },
      { template: '{reff}' },
      'the fields are mr, ref. Did you mean "ref"?',
    ],
    ['a field of the prototype', { mr: 'a' }, { template: '{toString}' }, 'no field "toString"'],
    ['no known fields', { mr: 'a', ref: 'b' }, {}, 'the fields are mr, ref; expected prompt and completion'],
    [
      'fields whose names tell which is learned',
      { class: '好评', review: '房间很大' },
      {},
      'Set a template and a completion template, such as "{review}" and "{class}"',
    ],
    ['one field', { line: 'a' }, {}, 'Set a template, such as "{line}"'],
    [
      'a short row in place of a header',
      { 'I have brothers.': 'a', '我有兄弟。': 'b' },
      {},
      'These look like a row of a table without a header: name its columns (--columns)',
    ],
    [
      'a row in place of a header',
      { 'Unions representing workers at Turner Newall say they are disappointed.': 'a', Business: 'b' },
      {},
      'These look like a row of a table without a header',
    ],
    [
      'half a pair',
      { prompt: 'a', ref: 'b' },
      {},
      'the fields are prompt, ref; expected prompt and completion',
    ],
    [
      'no prompt',
      { mr: 'a', text: 'b' },
      { completionTemplate: '{text}' },
      'expected a prompt in prompt, instruction or input',
    ],
    ['null', { text: null }, {}, 'the field "text" is null, expected text'],
    [
      'bytes',
      { text: Uint8Array.of(255) },
      {},
      'the field "text" is bytes that are not UTF-8 text, expected text',
    ],
    [
      'a chat',
      { prompt: [{ role: 'user' }], completion: 'b' },
      {},
      'the field "prompt" is an array, expected text',
    ],
  ])('names the record and the field: %s', (_, fields, options, message) => {
    expect(() => textOf(fields, options)).toThrow(FileError);
    expect(() => textOf(fields, options)).toThrow('data.jsonl (line 7): ');
    expect(() => textOf(fields, options)).toThrow(message);
  });

  it('names the place of a brace that stands alone', () => {
    expect(() => textOf({ mr: 'a' }, { template: 'x {mr' })).toThrow(UsageError);
    expect(() => textOf({ mr: 'a' }, { template: 'x {mr' })).toThrow(
      'template "x {mr", character 3: a single "{"',
    );
    expect(() => textOf({ mr: 'a' }, { template: '{mr}', completionTemplate: '{}' })).toThrow(
      'completionTemplate "{}"',
    );
  });

  it('names a later record that lacks a field of the first', () => {
    const template = templateFor({ place: 'record 1', fields: { text: 'a' } });
    expect(() => template({ place: 'record 2', fields: { tekst: 'a' } })).toThrow(
      'record 2: there is no field "text"',
    );
  });
});

describe('soft tokens', () => {
  const record = { fields: { text: 'hello' }, place: 'record 1' };

  it('stand in a prompt in their order', () => {
    const { prompt } = templateFor(record, {
      template: '{soft:2}a {text}{soft:1}b',
      completionTemplate: 'c',
    })(record);
    expect(prompt).toEqual([{ first: 0, count: 2 }, 'a hello', { first: 2, count: 1 }, 'b']);
    expect(softTokensIn('{soft:2}a {text}{soft:1}b')).toBe(3);
    expect(softTokensIn('{{ text }} {soft:2}')).toBe(0); // in Jinja a single brace is text
  });

  it.each([
    [
      { template: '{soft:0}{text}', completionTemplate: 'c' },
      'expected a number of soft tokens as in {soft:5}',
    ],
    [
      { template: '{text}', completionTemplate: '{soft:1}' },
      'completionTemplate: only a prompt can have soft tokens',
    ],
    [
      { template: '{text}{soft:1}' },
      'template, which is a whole text to train on: only a prompt can have soft tokens',
    ],
  ])('%j is refused', (options, message) => {
    expect(() => templateFor(record, options)).toThrow(message);
  });
});
