import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../formats/json-text.js';
import { parseJinja } from './jinja.js';

interface Case {
  readonly source: string;
  /** What transformers prints, or the name of Python's exception. */
  readonly prints?: string;
  readonly error?: string;
}
const fixture = parseJson(readFileSync(join(import.meta.dirname, 'jinja.fixture.json'), 'utf8')) as {
  values: Record<string, unknown>;
  cases: Case[];
};

describe('a template', () => {
  it.each(fixture.cases)('$source', ({ source, prints }) => {
    const render = () => parseJinja(source).render(fixture.values);
    if (prints === undefined) expect(render).toThrow();
    else expect(render()).toBe(prints);
  });

  it.each([
    ['{% include "x" %}', 'the tag {% include %} is not supported'],
    ['{{ x | urlize }}', 'there is no filter named "urlize" here'],
    ['{{ x is filter }}', 'there is no test named "filter" here'],
    ['{{ lipsum() }}', 'lipsum is not supported'],
    ['{{ f(*x) }}', 'arguments with * and ** are not supported'],
  ])('%s is refused by name', (source, message) => {
    expect(() => parseJinja(source)).toThrow(message);
  });

  it('stops endless repetition', () => {
    const loops = '{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}';
    expect(() => parseJinja(loops).render({})).toThrow('the template takes more than 5000000 steps');
    const calls = '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}';
    expect(() => parseJinja(calls).render({})).toThrow('maximum recursion depth exceeded');
    expect(() => parseJinja("{{ 'a' * 1000000000 }}").render({})).toThrow('what is repeated gets too long');
  });

  it.each([
    [
      "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
      'a str of',
    ],
    [
      '{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}',
      'a list of',
    ],
    [
      '{% set n = namespace(x=9) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}',
      'a number gets too large',
    ],
    [
      "{% set x = 'a' * 1000000 %}{% for i in range(99999) %}{{ x }}{% endfor %}",
      'prints more than 67108864',
    ],
    ["{{ 'a'|center(1000000000) }}", 'is too large'],
    ["{{ 'a'.ljust(1000000000) }}", 'is too large'],
    ["{{ '%1000000000d' % 5 }}", 'is too large'],
    ["{{ '{:1000000000}'.format(5) }}", 'is too large'],
    ['{{ [1] | tojson(indent=1000000000) }}', 'is too large'],
    ['{{ [1] * 100000000 }}', 'what is repeated gets too long'],
  ])('does not make more than a template needs: %s', (source, problem) => {
    expect(() => parseJinja(source).render({})).toThrow(problem);
  });

  it.each([
    ["{{ [1, 'a'] | truncate(5) }} {{ {} | truncate }}", "[1, 'a'] {}"],
    ["{{ 'a long text' | truncate(6, leeway=0) }}", 'a...'],
    ['{{ nothing is callable }} {{ 3 is callable }}', 'True False'],
  ])('prints what jinja2 prints: %s', (source, printed) => {
    expect(parseJinja(source).render({})).toBe(printed);
  });

  it('refuses to truncate what has no length', () => {
    expect(() => parseJinja('{{ 3 | truncate }}').render({})).toThrow("object of type 'int' has no len()");
  });

  it('prints the time as strftime does', () => {
    const now = new Date();
    expect(parseJinja("{{ strftime_now('%Y-%m-%d') }}").render({})).toMatch(String(now.getFullYear()));
    expect(parseJinja("{{ strftime_now('%d %b %Y') }}").render({})).toMatch(/^\d\d [A-Z][a-z]{2} \d{4}$/);
    expect(() => parseJinja("{{ strftime_now('%Q') }}").render({})).toThrow(
      'the directive %Q is not supported',
    );
  });
});
