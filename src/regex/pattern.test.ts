import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptuneError } from '../errors.js';
import { linearPattern } from './linear.js';
import { translatePattern } from './oniguruma.js';
import { compilePattern, isQuick, wholeNamePattern } from './pattern.js';
import { parsePattern } from './syntax.js';

const matches = (
  pattern: { lastIndex: number; exec(text: string): { index: number; 0: string } | null },
  text: string,
) => {
  const found: [number, string][] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    found.push([match.index, match[0]]);
    if (match[0] === '') pattern.lastIndex += text.codePointAt(pattern.lastIndex)! > 0xffff ? 2 : 1;
  }
  return found;
};
const own = (source: string) => new RegExp(translatePattern(source), 'gv');
const linear = (source: string) => linearPattern(parsePattern(translatePattern(source)), source);

/** Of published tokenizers: GPT-2, GPT-4 (and Llama 3, Qwen), GPT-4o, DeepSeek, BLOOM, StarCoder. */
const published = [
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ' ?[^(\\s|[.,!?…。，、।۔،])]+',
  String.raw`\p{N}{1,3}`,
  '[一-龥぀-ゟ゠-ヿ]+',
];

describe('a pattern that has little to try again', () => {
  it.each(published)('is searched by JavaScript itself: %s', (source) => {
    expect(compilePattern(source)).toBeInstanceOf(RegExp);
  });

  it.each([
    '(a+)+$',
    '(a|a)*b',
    'a*a*a*b',
    'a+b',
    '(?:a|ab)*c',
    String.raw`\s+$`,
    '(?=a*b)a',
    '(.{0,8}){8}x',
  ])('%s is not one of them', (source) =>
    expect(isQuick(parsePattern(translatePattern(source)))).toBe(false),
  );
});

describe('the search in linear time', () => {
  it.each([
    ['(a+)+$', 'a'],
    ['(a|a)*b', 'a'],
    ['a*a*a*a*a*b', 'a'],
    ['(?:a|aa)+(?!a)b', 'a'],
    ['(?>a*)b', 'a'],
    [String.raw`(?:\s|\s)+x`, ' '],
    ['(?<=b(a|a)*)c', 'a'],
    ['(?=.*b)a', 'a'],
  ])('%s ends', (source, letter) => {
    const text = letter.repeat(2000);
    expect(matches(compilePattern(source), `${text}!`).filter(([, match]) => match.endsWith('b'))).toEqual(
      [],
    );
  });

  it.each(published)('finds what JavaScript finds: %s', (source) => {
    const texts = [
      "I'm 12345  here's\n\n the  END.\r\n",
      'नमस्ते दुनिया 你好，世界 𝒳𝒴 a\u0301 ',
      '  \t\n x',
      "DON'T stop!!!\n",
    ];
    for (const text of texts) expect(matches(linear(source), text)).toEqual(matches(own(source), text));
  });

  // Of what can match nothing, JavaScript repeats less than Oniguruma; and with the flag v, V8 11.3 does not find
  // /(?:[ab][^\n]b)+/ in "aab", where nothing in these patterns needs v.
  const atom = fc.constantFrom(
    'a',
    'b',
    '.',
    '[ab]',
    '[^a]',
    String.raw`\w`,
    String.raw`\s`,
    '^',
    '$',
    String.raw`\b`,
    '𝒳',
  );
  const pattern = fc.letrec<{ part: string; whole: string }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      atom,
      fc.tuple(tie('part'), tie('part')).map(([a, b]) => a + b),
      fc.tuple(tie('part'), tie('part')).map(([a, b]) => `(?:${a}|${b})`),
      fc
        .tuple(tie('part'), fc.constantFrom('*', '+', '?', '{0,2}', '{2}', '*?', '+?', '??', '{1,}', '++'))
        .map(([a, mark]) => `(?:[ab]${a})${mark}`),
      fc
        .tuple(fc.constantFrom('?=', '?!', '?<=', '?<!', '?>'), tie('part'))
        .map(([mark, a]) => `(${mark}${a})`),
    ),
    whole: tie('part'),
  })).whole;
  const text = fc
    .array(fc.constantFrom('a', 'b', ' ', '\n', 'é', 'c'), { maxLength: 8 })
    .map((characters) => characters.join(''));

  it('finds what JavaScript finds, in any text by any pattern', () => {
    fc.assert(
      fc.property(pattern, text, (source, content) => {
        let expected: [number, string][];
        try {
          expected = matches(new RegExp(translatePattern(source), 'gu'), content);
        } catch {
          return; // an atomic group within a lookbehind
        }
        expect(matches(linear(source), content)).toEqual(expected);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 500), seed: 7 },
    );
  });

  it('gives up on repetitions of the empty text', () => {
    const search = () => matches(compilePattern('(?:(?:a?)*)*b'), 'a'.repeat(5000));
    expect(search).toThrow(
      expect.toSatisfy(
        (error) => error instanceof PromptuneError && /takes too long for a text of 5000/.test(error.message),
      ),
    );
  });

  it.each([
    [`${'('.repeat(200)}a${')'.repeat(200)}`, 'nested more than 100 deep'],
    ['(?:a{1000}|b){1000}', 'too large'],
    ['a'.repeat(10_001), 'at most 10000'],
  ])('refuses a pattern that is too large: %.20s', (source, problem) => {
    expect(() => compilePattern(source)).toThrow(problem);
  });
});

describe('a pattern for whole names', () => {
  it('fits from the start to the end', () => {
    const fits = wholeNamePattern(String.raw`.*layers\.(0|1)\..*attn`);
    expect(fits('model.layers.1.self_attn')).toBe(true);
    expect(fits('model.layers.2.self_attn')).toBe(false);
    expect(fits('model.layers.1.self_attn.q')).toBe(false);
  });

  it('ends, whatever it is', () => {
    const fits = wholeNamePattern('([a-z._0-9]+)+!');
    expect(fits('model.layers.11.self_attn.q_projection_of_a_long_name')).toBe(false);
  });
});
