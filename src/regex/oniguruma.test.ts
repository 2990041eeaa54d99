import { describe, expect, it } from 'vitest';
import { translatePattern } from './oniguruma.js';

const found = (pattern: string, text: string) =>
  text.match(new RegExp(translatePattern(pattern), 'gv')) ?? [];

/** What Oniguruma finds, by way of tokenizers 0.23.3. */
describe('translatePattern', () => {
  it.each<[string, string, string[]]>([
    [String.raw`\s`, 'a\u0085b\ufeffc\u00a0', ['\u0085', '\u00a0']],
    [String.raw`\w+`, 'café x² a-b नमस्ते', ['café', 'x²', 'a', 'b', 'नमस्ते']],
    [String.raw`[\w]+`, 'x²', ['x']],
    [String.raw`\h+`, 'xyz12Fg', ['12F']],
    ['^a', 'a\na\n', ['a', 'a']],
    ['a{,2}', 'aaa', ['aa', 'a', '']],
    ['(?>a+)b', 'aab', ['aab']],
    ['a++b', 'aab', ['aab']],
    ['a++ab', 'aaab', []],
    ['[a-z&&[^b]]+', 'abc', ['a', 'c']],
    ['[]a]+', ']ab', [']a']],
    ['[[:punct:]]+', 'a+b!', ['+', '!']],
    [String.raw`\p{^L}`, 'a1', ['1']],
    [String.raw`\p{Han}+`, '中文abc', ['中文']],
    ["(?i:'s)", "'s 'S 'ſ", ["'s", "'S", "'ſ"]],
    ['a(?i)b|c', 'aB C', ['aB']],
    ['(?m)a.b', 'a\nb', ['a\nb']],
    ['(?x) a b # c', 'ab', ['ab']],
  ])('%s in %j', (pattern, text, expected) => {
    expect([...found(pattern, text)]).toEqual(expected);
  });

  it.each([
    [String.raw`(a)\1`, 'the reference \\1'],
    ['(?i)ss', '(?i) with "ss"'],
    ['(?i)ß', '(?i) with "ß"'],
    [String.raw`\X`, 'the escape \\X'],
    [String.raw`\p{InBasicLatin}`, 'the property InBasicLatin'],
    ['(?~ab)', 'the group (?~a'],
    ['(a', 'a group is not closed'],
    [String.raw`[\w-z]`, 'a range that begins with a set'],
  ])('refuses %s', (pattern, reason) => {
    expect(() => translatePattern(pattern)).toThrow(reason);
  });
});
