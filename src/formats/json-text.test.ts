import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, writeJson } from './json-text.js';
import { floatText, Numeral, numberOf, shortFloatText } from './numeral.js';

fc.configureGlobal({ seed: 1 });

describe('parseJson', () => {
  it('keeps the text of numbers that JavaScript would write otherwise', () => {
    const texts = [
      '1.0',
      '1.50',
      '1e3',
      '12345678901234567890',
      '-0',
      '0.00000012',
      '1e400',
      '123456789.123456789',
    ];
    for (const text of texts) {
      expect(parseJson(`{"a": [${text}, "x"]}`)).toEqual({ a: [new Numeral(text), 'x'] });
      expect(parseJson(` ${text} `)).toEqual(new Numeral(text));
    }
  });

  it('gives plain numbers where they say the same', () => {
    for (const text of ['0', '-7', '0.5', '3.25', '9007199254740991', '0.000001', '1234567.12345678'])
      expect(parseJson(text)).toBe(Number(text));
  });

  it('leaves texts that look like such numbers alone', () => {
    const value = { 'a 1.0': 'costs 1.0 "e" \\ 1e5', b: '12345678901234567890', c: ['\u4e2d\n1.50'] };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
    expect(parseJson(`[${JSON.stringify(value)}, 2.0]`)).toEqual([value, new Numeral('2.0')]);
  });

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
        const [read] = parseJson(JSON.stringify([value, '', '1.0'], null, indent)) as unknown[];
        expect(JSON.stringify(read)).toBe(JSON.stringify(value));
        const forced = `[${JSON.stringify(value, null, indent)}, 1.0]`; // a numeral anywhere makes it read all
        expect(JSON.stringify(parseJson(forced))).toBe(JSON.stringify(JSON.parse(forced)));
      }),
    );
  });

  it('keeps a key that objects have of their own, and the last of two', () => {
    const value = parseJson('{"__proto__": 1.0, "a": 1, "a": 2.0}') as object;
    expect(Object.entries(value)).toEqual([
      ['__proto__', new Numeral('1.0')],
      ['a', new Numeral('2.0')],
    ]);
  });

  it('throws as JSON.parse does', () => {
    for (const text of ['', '{"a": 1.0', '[1.0,]', '01.0', '1.', 'NaN'])
      expect(() => parseJson(text)).toThrow(SyntaxError);
  });
});

describe('writeJson', () => {
  it('gives back the text of numbers', () => {
    const text = '{"a":[1.0,12345678901234567890,0.5,"1.0","x"],"b":{"c":1e3}}';
    expect(writeJson(parseJson(text))).toBe(text);
    expect(writeJson({ a: new Numeral('nan') })).toBe('{"a":"nan"}');
  });
});

describe('Numeral', () => {
  it('is a number to arithmetic, and text to print', () => {
    const numeral = numberOf('1.0') as Numeral;
    expect(`${numeral}`).toBe('1.0');
    expect(Number(numeral) + 1).toBe(2);
    expect(JSON.stringify([numeral, numberOf('12345678901234567890')])).toBe('[1,"12345678901234567890"]');
  });
});

// Python: repr(x), and str(numpy.float32(x)).
it.each<[number, string]>([
  [1, '1.0'],
  [-2.5, '-2.5'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e16, '1e+16'],
  [9999999999999998, '9999999999999998.0'],
  [1.5e-5, '1.5e-05'],
  [0.0001, '0.0001'],
  [1e-7, '1e-07'],
  [1e22, '1e+22'],
  [1.7976931348623157e308, '1.7976931348623157e+308'],
  [5e-324, '5e-324'],
  [-0, '-0.0'],
  [0, '0.0'],
  [100, '100.0'],
  [123456.789, '123456.789'],
  [Number.NaN, 'nan'],
  [Number.NEGATIVE_INFINITY, '-inf'],
])('writes the float %s as Python does', (value, text) => {
  expect(floatText(value)).toBe(text);
});

it.each<[number, string]>([
  [0.1, '0.1'],
  [1, '1.0'],
  [16777216, '16777216.0'],
  [1.1754943508222875e-38, '1.1754944e-38'],
  [65504, '65504.0'],
  [1e16, '1e+16'],
  [1e22, '1e+22'],
])('writes the float32 of %s with its own digits', (value, text) => {
  expect(shortFloatText(Math.fround(value), Math.fround)).toBe(text);
});
