import { describe, expect, it } from 'vitest';
import { FileError, UsageError } from '../errors.js';
import { Numeral } from '../formats/numeral.js';
import type { Fields } from '../records/record-formats.js';
import { placesIn, promptTemplate, templateFor } from './template.js';
import { withTextBefore } from './template-compiler.js';

const recordOf = (fields: Fields) => ({ path: 'data.jsonl', place: 'line 7', fields });
const render = (template: string, fields: Fields) => promptTemplate(template).render(fields);

describe('a Jinja template', () => {
  it.each<[string, Fields, string]>([
    ['Review: {{ text }}', { text: 'fine {{ x }} {soft:2}' }, 'Review: fine {{ x }} {soft:2}'],
    ['{{ n + 1 }} {{ yes }} {"a": {{ x }}}', { n: 2, yes: true, x: 1.5 }, '3 True {"a": 1.5}'],
    ['{{ answers.text[0] | upper }}', { answers: { text: ['here'] } }, 'HERE'],
    [
      '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}',
      { messages: [{ role: 'a', content: 'b' }] },
      'a: b\n',
    ],
    ['{% if input %}{{ input }}\n{% endif %}{{ x }}', { input: null, x: 'y' }, 'y'],
    ['{{ hint | default("none") }}{% if other is defined %}!{% endif %}', {}, 'none'],
    ['{% set k = 3 %}{{ k }}{% for i in range(2) %}{{ i }}{{ loop.index }}{% endfor %}', {}, '30112'],
    ['{% for tag in tags | sort %}{{ tag }},{% endfor %}', { tags: '["b", "a"]' }, 'a,b,'],
    ['{{ tags | join(" ") }}, {{ who.name }}', { tags: "['a', 'b']", who: '{"name": "Ada"}' }, 'a b, Ada'],
    ['{{ tools }} {{ tools[:2] }} {{ tools.upper() }}', { tools: '["a"]' }, '["a"] [" ["A"]'],
    ['{{ text }}\n', { text: 'a' }, 'a\n'],
    ['{{ x }} {{ [x, 1.5][0] }} {{ x + 1 }}', { x: new Numeral('1.50') }, '1.50 1.50 2.5'],
    ['{{ text }}\n\n', { text: 'a' }, 'a\n\n'],
    ["{{ text.strip('\\n') }}", { text: '\n a \n' }, ' a '],
    ['{{ and_so }} {{ "a" if not yes and ok else "b" }}', { and_so: 1, yes: false, ok: true }, '1 a'],
  ])('%j', (template, fields, expected) => {
    expect(render(template, fields)).toBe(expected);
  });

  it('has soft tokens and masks where the template calls them', () => {
    const template = '{{ soft(20) }} {{ text }} {{ mask() }}.{{ soft(5) }}';
    expect(render(template, { text: 'good' })).toEqual([
      { first: 0, count: 20 },
      ' good ',
      { place: 'mask' },
      '.',
      { first: 20, count: 5 },
    ]);
    expect(placesIn(template)).toMatchObject({ softTokens: 25, masks: 1 });
  });

  it('gives a place the same vectors each time it is rendered, and counts it once', () => {
    const template = '{% for x in list %}{{ soft(2) }}{{ x }}{% endfor %}{% if a %}{{ soft(1) }}{% endif %}';
    expect(render(template, { list: ['p', 'q'], a: true })).toEqual([
      { first: 0, count: 2 },
      'p',
      { first: 0, count: 2 },
      'q',
      { first: 2, count: 1 },
    ]);
    expect(render(template, { list: ['p'], a: false })).toEqual([{ first: 0, count: 2 }, 'p']);
    expect(placesIn(template).softTokens).toBe(3);
  });

  it('says which fields it reads', () => {
    const { fields } = promptTemplate(
      '{% macro m(a) %}{{ a }}{{ x.y }}{% endmacro %}{{ m(b) }}{{ {"k": c}.k }}{{ d["e"] }}{% for f in g if f.h %}{% endfor %}',
    );
    expect([...fields].sort()).toEqual(['b', 'c', 'd', 'g', 'x']);
  });

  it.each<[string, string]>([
    ['a {{ x y }} b', 'template, line 1, column 8: this is not Jinja: expected }}, found y'],
    ['a\n {{ x', 'template, line 2, column 2: a tag or a quote that begins here is never closed'],
    ['{{ a }}\n{% if b %}c', 'template, line 2, column 1: a block that begins here is never closed'],
    ['{{ a }}{% endif %}', 'template, line 1, column 11: this is not Jinja: there is no tag {% endif %}'],
    [
      '{{ }}',
      'template, line 1, column 4: this is not Jinja: expected an expression, found the end of the tag',
    ],
    [
      '{{ x }}{{ soft() }}',
      'template, line 1, column 11: expected a number of soft tokens as in {{ soft(5) }}',
    ],
    ['{{ a | foo }}', 'line 1, column 8: this is not Jinja: there is no filter named "foo" here'],
    ['{{ soft(n) }}', 'expected a number of soft tokens as in {{ soft(5) }}'],
    ['{{ soft(0) }}', 'expected a number of soft tokens as in {{ soft(5) }}'],
    ['{{ mask(2) }}', 'template, line 1, column 4: expected {{ mask() }} without arguments'],
  ])('%j is refused with its place', (template, message) => {
    expect(() => promptTemplate(template)).toThrow(UsageError);
    expect(() => promptTemplate(template)).toThrow(message);
  });

  it.each<[string, Fields, string]>([
    [
      'Q:\n{{ queston }}',
      { question: 'a', answer: 'b' },
      'data.jsonl (line 7): template, line 2, column 4: there is no field "queston"; the fields are question, answer. Did you mean "question"?',
    ],
    ['{% if toString %}{% endif %}', { a: 1 }, 'column 7: there is no field "toString"'],
    [
      '{{ text }}',
      { text: null },
      'data.jsonl (line 7): template, line 1, column 4: this expression is null or missing',
    ],
    ['{{ a.b }}', { a: { c: 1 } }, 'column 4: this expression is null or missing, expected text'],
    ['{{ a }}', { a: [1] }, 'this expression is a list or an object'],
    ['{{ a + 1 }}', { a: 'x' }, 'data.jsonl (line 7): template: can only concatenate str (not "int") to str'],
    ['{{ raise_exception("no") }}', { a: 'x' }, 'data.jsonl (line 7): template: no'],
  ])('%j with %j names the record and the place', (template, fields, message) => {
    const record = recordOf(fields);
    const textOf = () => templateFor(record, { template, completionTemplate: 'c' })(record);
    expect(textOf).toThrow(FileError);
    expect(textOf).toThrow(message);
  });

  it('is used for any template with a literal text in braces', () => {
    const text = 'a {b}\n"{{ c }}" \\ 猫';
    expect(render(withTextBefore(text, ' {x}{soft:2}'), { x: 'y' })).toEqual([
      `${text} y`,
      { first: 0, count: 2 },
    ]);
    expect(render(withTextBefore(text, '{{ x }}'), { x: 'y' })).toBe(`${text}y`);
    expect(withTextBefore('a ', '{x}')).toBe('a {x}');
  });

  it('has places only in a prompt', () => {
    const record = recordOf({ text: 'a' });
    const options = { template: '{text}', completionTemplate: '{{ soft(1) }}' };
    expect(() => templateFor(record, options)).toThrow(
      'completionTemplate: only a prompt can have soft tokens',
    );
    expect(() => templateFor(record, { template: '{{ mask() }}' })).toThrow('only a prompt can have a mask');
  });
});
