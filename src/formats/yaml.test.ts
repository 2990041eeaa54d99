import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { parseYaml } from './yaml.js';

const bomb = ['a: &a0 [x, x]', ...Array.from({ length: 30 }, (_, i) => `b${i}: &a${i + 1} [*a${i}, *a${i}]`)];

describe('YAML', () => {
  it('gives the values of keys', () => {
    expect(parseYaml('a: 1\nb: [x, null]\n', 'a.yaml').values).toEqual({ a: 1, b: ['x', null] });
  });

  it.each([
    ['a: *b', 'a.yaml: it is not valid YAML: Unresolved alias'],
    [bomb.join('\n'), 'a.yaml: it is not valid YAML: Excessive alias count'],
    // Each took seconds or for ever, or ended the process, in the parser.
    [`a: ${'['.repeat(400_000)}`, 'it is not valid YAML: it is nested too deeply'],
    [`a: ${'{'.repeat(201)}`, 'nested too deeply'],
    [`${'? '.repeat(300)}x`, 'nested too deeply'],
    [Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}?`).join('\n'), 'nested too deeply'],
    [`${'- '.repeat(100_000)}x`, 'nested too deeply'],
    [Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'nested too deeply'],
    ['a: 1\na: 2', 'a.yaml (line 2): it is not valid YAML'],
    ['a: [1', 'it is not valid YAML'],
    ['a'.repeat(2 ** 20 + 1), 'expected YAML of at most 1048576 characters, found 1048577'],
  ])('that cannot be read is a FileError: %.20s', (text, problem) => {
    expect(() => parseYaml(text, 'a.yaml')).toThrow(FileError);
    expect(() => parseYaml(text, 'a.yaml')).toThrow(problem);
  });
});
