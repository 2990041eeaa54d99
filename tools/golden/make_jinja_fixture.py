"""Makes src/text/jinja/jinja.fixture.json: what templates print as transformers sets Jinja up (transformers 5.18.0, jinja2 3.1.6).

A template that Python refuses has the error's kind as `error`. Run: python tools/golden/make_jinja_fixture.py
"""

import json
from pathlib import Path

from transformers.utils.chat_template_utils import _compile_jinja_template

VALUES = {
    "messages": [
        {"role": "system", "content": "You're \"it\"."},
        {"role": "user", "content": " hello wörld 中😀 ", "weight": 1.0},
        {"role": "assistant", "content": None, "tool_calls": [
            {"type": "function", "function": {"name": "f", "arguments": {"a": 1, "b": [1.5, True, None], "c": "é<&>"}}}]},
        {"role": "tool", "content": "20 C"},
        {"role": "assistant", "content": "hi & <there>\nline two\n"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}],
    "documents": None,
    "add_generation_prompt": True,
    "bos_token": "<s>",
    "n": 7, "x": 2.5, "big": 12345678901234567890, "items": [3, 1, 2], "words": ["b", "A", "c", "a"], "empty": "", "d": {"b": 1, "a": [1, 2], "items": "key"},
    "people": [{"name": "Bo", "age": 3, "at": {"x": 1}}, {"name": "al", "age": 1, "at": {"x": 2}}, {"name": "Cy", "age": 3, "at": {"x": 0}}],
}

EXPRESSIONS = r"""
1 | 1.0 | -1 | - 1.5 | 1e3 | 1e16 | 1.5e-7 | 0x1f | 0b11 | 1_000 | 10 / 4 | 10 / 5 | 7 // 2 | -7 // 2 | 7.5 // 2 | -7 % 3 | 7 % -3 | -7.5 % 2 | 2 ** 10 | 2 ** -1 | 2 ** 0.5 | -2 ** 2 | 2 ** 3 ** 2 | 10 // 3 * 3 + 10 % 3
0.1 + 0.2 | 1 + 1.0 | 3 - 3.0 | 1/3 | 100000000000000000000 * 3 | big + 1 | 1 / 0 | 1 // 0 | 1 % 0 | true + true | true and 3 | 0 or 'x' | not 0 | not none | none | true | false | [] | {} | () | (1,) | (1, 2) | [1, 2.0, 'a', none, true]
{'a': 1, 'b': {'c': [1]}} | {1: 'x'}[1] | {1: 'x', 1.0: 'y'} | {'a': 1}['a'] | {'a': 1}.a | {'a': 1}.b | {'a': 1}['b'] is defined | 'it''s' | "it's" | ["it's", 'say "x"', 'both \' and "'] | ['a\nb\t\\', '\x00\x7f é 中 😀 \u200b\xa0']
'a' ~ 1 ~ true ~ none ~ 1.0 | 'a' + 'b' | 'a' + 1 | 'a' * 3 | 3 * 'ab' | [1] * 2 | [1] + [2] | (1,) + (2,) | 'a' 'b' | '%s-%d' % ('a', 3) | '%05.2f|%5s|%-5s|' % (3.14159, 'a', 'b') | '%s' % 'x' | '%(a)s' % {'a': 1} | '%x' % 255 | '%r' % 'a' | '%e' % 12345.678
1 < 2 | 1 < 2 < 3 | 1 < 3 < 2 | 'a' < 'b' | 'B' < 'a' | 1 == 1.0 | 1 == true | '1' == 1 | [1] == [1] | [1] == (1,) | {'a': 1} == {'a': 1.0} | 1 != 2 | none == none | undefined_a == undefined_b | 1 < 'a' | [1, 2] < [1, 3] | 'a' in 'abc' | 'x' not in 'abc' | 1 in [1, 2] | 'b' in d | 1 in d | 1 in 'abc' | 'a' in missing
missing | missing.x | missing['x'] | missing + 1 | missing ~ 'a' | missing | default('d') | none | default('d') | '' | default('d', true) | missing is defined | missing is undefined | n is defined | (missing or 'z') | not missing | missing == 1 | -missing | missing()
n if n > 3 else 'no' | n if n > 9 | ('a' if false) is defined | 'x' if missing else 'y' | 1 if true else 2 if false else 3 | (n if n > 9) ~ '!' | [n if n > 9 else 0, 1]
'abc'[0] | 'abc'[-1] | 'abc'[5] | 'abc'[1:] | 'abc'[:-1] | 'abc'[::-1] | 'abcdef'[1:5:2] | '中😀é'[1] | '中😀é' | length | '中😀é'[::-1] | items[0] | items[-1] | items[9] | items[1:] | items[::-1] | items[:2] | (1, 2, 3)[1:] | messages[-1].role | messages[-1]['role'] | messages[0]['no'] | messages[0].no | items.0 | d['items'] | d.items is callable | n[0] | n['a'] | items['a']
'aBc'.upper() | 'aBc'.lower() | 'hello world'.title() | "they're bill's".title() | 'hELLO wORLD'.capitalize() | 'aBc'.swapcase() | ' a '.strip() | ' a '.lstrip() | ' a '.rstrip() | 'xxaxx'.strip('x') | 'abcba'.strip('ab') | 'abcba'.lstrip('ab') | '\n\na\n'.lstrip('\n') | ' a  b '.split() | 'a,b,,c'.split(',') | 'a,b,c'.split(',', 1) | 'a b c'.split(none, 1) | 'a b c'.split(' ', maxsplit=1) | 'a,b,c'.rsplit(',', 1) | ' a b c '.rsplit(none, 1) | 'a\nb\r\nc\n'.splitlines() | 'a\nb'.splitlines(true) | 'a-b-c'.partition('-') | 'a-b-c'.rpartition('-') | 'abc'.partition('x')
'abc'.startswith('a') | 'abc'.startswith(('x', 'a')) | 'abc'.endswith('c') | 'abc'.find('b') | 'abc'.find('x') | 'abcabc'.rfind('b') | 'abc'.index('c') | 'abc'.index('x') | 'banana'.count('an') | '中😀é中'.find('é') | '中😀é中'.rfind('中') | 'abc'.find('c', 1) | '-'.join(['a', 'b']) | '-'.join([1]) | 'aXbX'.replace('X', '-') | 'aXbX'.replace('X', '-', 1) | 'ab'.replace('', '-') | '7'.zfill(3) | '-7'.zfill(4) | 'a'.center(4, '*') | 'ab'.center(5) | 'a'.ljust(3) ~ '|' | 'a'.rjust(3, '.') | 'a\tb'.expandtabs(4) | 'abc'.removeprefix('a') | 'abc'.removesuffix('c') | 'ß'.upper() | 'ß'.casefold()
'12'.isdigit() | '1.5'.isdigit() | '²'.isdigit() | 'ab'.isalpha() | 'ab1'.isalnum() | ' \n'.isspace() | ''.isspace() | 'AB'.isupper() | 'ab'.islower() | 'Ab Cd'.istitle() | '中'.isalpha() | 'a b'.isidentifier() | '½'.isnumeric() | '½'.isdecimal() | 'é'.isascii()
'{} {}'.format(1, 'a') | '{0}{1}{0}'.format('a', 'b') | '{a:>5}|{b:<4}|{c:^5}|'.format(a='x', b='y', c='z') | '{:.2f}'.format(3.14159) | '{:05d}'.format(42) | '{:,}'.format(1234567) | '{:x}'.format(255) | '{:.1%}'.format(0.256) | '{{}}'.format() | '{!r}'.format('a') | '{:+d}'.format(5) | '{}'.format(1.0) | '{}'.format(none) | '{:d}'.format('a') | '{}'.format()
d.get('b') | d.get('zz') | d.get('zz', 'q') | d.keys() | d.values() | d.items() | d.keys() | list | d.items() | list | d | list | d | length | d | items | list | d | dictsort | d.copy() | items.index(2) | items.count(1) | items.append(4) | d.update({}) | d.pop('a') | items.sort() | ''.__class__ | d.__class__ | items.nope() | 'a'.nope()
items | sort | items | sort(reverse=true) | words | sort | words | sort(case_sensitive=true) | words | sort | join(',') | people | sort(attribute='age') | map(attribute='name') | list | people | sort(attribute='name') | map(attribute='name') | join(' ') | people | map(attribute='at.x') | list | people | map(attribute='zz', default=0) | list | people | groupby('age') | list | people | sum(attribute='age') | people | max(attribute='age') | people | min(attribute='name') | people | selectattr('age', 'gt', 1) | map(attribute='name') | list | people | rejectattr('age', 'equalto', 3) | list | people | selectattr('zz') | list | people | selectattr('zz', 'defined') | list
items | max | items | min | [] | max | items | sum | items | sum(start=10) | items | first | items | last | [] | first | items | reverse | list | 'abc' | reverse | 'abc' | first | 'abc' | last | items | join | items | join('-') | items | length | items | count | 'a b  c' | wordcount | items | map('string') | list | words | map('upper') | join | items | select('odd') | list | items | reject('odd') | list | items | select | list | items | select('gt', 1) | list | words | unique | list | words | unique(case_sensitive=true) | list | [1, 1.0, true] | unique | list | items | batch(2) | list | items | batch(2, 'x') | list | range(7) | slice(3) | list | range(7) | slice(3, 'x') | list
3.7 | int | '3.7' | int | '5' | int + 1 | 'x' | int | 'x' | int(9) | '0x1f' | int(base=16) | 'ff' | int(0, 16) | ' 5 ' | int | none | int | '3.5' | float | 'x' | float | 'x' | float(1.5) | 'inf' | float | 'nan' | float | 3 | float | true | int | 3.14159 | round(2) | 2.5 | round | 3.5 | round | 2.675 | round(2) | 0.125 | round(2) | 1234 | round(-2) | 1234.5 | round(-2) | 2.1 | round(0, 'ceil') | 2.9 | round(0, 'floor') | 2.123 | round(1, 'ceil') | 3 | round | -3 | abs | -2.5 | abs | -2.5 | round
'a\nb\n\nc' | indent | 'a\nb\n\nc' | indent(2, true) | 'a\n\nb' | indent(2, blank=true) | 'a\nb' | indent('> ') | 'Hello World foo' | truncate(9) | 'Hello World foo' | truncate(9, true) | 'Hello World foo' | truncate(11, false, '…', 0) | 'Hello' | truncate(9) | 'hello world-foo (bar' | title | 'hELLO' | capitalize | 'a' | center(5) ~ '|' | ' x ' | trim | 'xax' | trim('x') | 'aXbX' | replace('X', '-') | 'aXbX' | replace('X', '-', 1) | 12 | replace('1', 'x') | 'a b&c/é' | urlencode | {'a': 'b c', 'd': 1} | urlencode | '<a href="x">' | e | 'a' | safe | 'x' | string | [1] | string | '%s %s' | format('a', 1) | n | format
messages[1] | tojson | messages[2] | tojson | tools | tojson | tools | tojson(indent=2) | d | tojson(indent=4) | d | tojson(sort_keys=true) | d | tojson(separators=(',', ':')) | 'é中😀\u2028<>&\'"\\\n\x7f' | tojson | 'é中😀\x7f' | tojson(ensure_ascii=true) | [1, 1.0, 1e20, 1e-7, none, true, 'a'] | tojson | (1, 2) | tojson | {1: 2, none: 3, true: 4, 1.5: 5} | tojson | {} | tojson(indent=2) | [[], [1]] | tojson(indent=1) | missing | tojson | range(3) | tojson | [0.1, 12345678901234567890] | tojson | 'nan' | float | tojson
1 is number | 1.5 is number | true is number | '1' is number | 1 is integer | true is integer | 1.0 is integer | 1.0 is float | 'a' is string | none is none | none is not none | missing is none | [] is sequence | 'a' is sequence | d is sequence | 1 is sequence | d is mapping | [] is mapping | [] is iterable | 1 is iterable | 'a' is iterable | missing is iterable | range is callable | true is boolean | 1 is boolean | true is true | 1 is true | false is false | 3 is odd | 4 is even | 9 is divisibleby 3 | 9 is divisibleby(2) | 1 is eq 1 | 1 is equalto(2) | 1 is ne 2 | 2 is gt 1 | 2 is lessthan 1 | 1 is in [1, 2] | 3 is not in [1, 2] | 'a' is lower | 'A' is upper | n is sameas n | not 1 is odd | 1 is odd and 2 is even | d.b is defined | d.zz is defined | d['a'][0] is eq 1 | x is float | x is not float
range(3) | range(3) | list | range(1, 7, 2) | list | range(5, 0, -2) | list | range(3)[1] | range(0) | list | range(3) | length | range(1000000) | dict(a=1, b=2) | dict({'x': 1}, y=2) | namespace(a=1).a | namespace().zz | cycler('a', 'b').next() | messages | length | messages[2].tool_calls[0].function.arguments | messages[2].content | messages[2].content ~ '' | messages[1].weight | messages[2].content is none | messages[1]
raise_exception('no') | -n | +n | -x ** 2 | - 3 | abs | -3|abs | n|string|length | (1, 2)|length | not n == 7 | n == 7 and x == 2.5 or false | [1, 2, 3][1:][0] | 'a,b'.split(',')[0].upper() | ('a' ~ 'b')|upper | 'a' ~ 'b'|upper | 1 + 2|string|length | {'a': {'b': {'c': 1}}}.a.b.c | [[1, 2], [3]] | map('first') | list | [[1, 2], [3]] | map('length') | sum | 1.0 | int | 1e3 | int | 1000000.0 * 10 | 1e15 * 10 | 123456789.0 * 1000 | 1.10 | 5.0 // 2 | true ~ false | 'a' if 'a' in words else 'b' | words|map('lower')|unique|sort|join('/')
""".strip()

STATEMENTS = [
    "{% for i in items %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }} {% endfor %}",
    "{% for m in messages %}{{ loop.previtem.role if loop.previtem is defined else '-' }}<{{ m.role }}>{{ loop.nextitem.role if loop.nextitem is defined else '-' }} {% endfor %}",
    "{% for m in messages if m.role == 'assistant' %}{{ loop.index }}/{{ loop.length }}{{ m.role }} {% else %}none{% endfor %}",
    "{% for m in messages if m.role == 'x' %}{{ m }}{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k in d %}{{ k }}{% endfor %}",
    "{% for c in 'añ😀' %}[{{ c }}]{% endfor %}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in items %}{{ loop.cycle('odd', 'even') }}{% if loop.changed(i > 1) %}!{% endif %}{% endfor %}",
    "{% for a, b in [(1, 2), (3, 4)] %}{{ a + b }} {% endfor %}",
    "{% for a in [1, 2] %}{% for b in [1, 2] %}{{ loop.index }}{{ a }}{{ b }} {% endfor %}{% endfor %}",
    "{% for x in missing %}a{% else %}b{% endfor %}",
    "{% for x in 5 %}a{% endfor %}",
    "{% for n in [{'v': 1, 'c': [{'v': 2, 'c': []}]}] recursive %}{{ n.v }}({{ loop(n.c) }}){% endfor %}",
    "{% set a = 1 %}{% for i in items %}{% set a = i %}{{ a }}{% endfor %}{{ a }}",
    "{% set ns = namespace(a=1, found=false) %}{% for i in items %}{% set ns.a = ns.a + i %}{% if i == 1 %}{% set ns.found = true %}{% endif %}{% endfor %}{{ ns.a }} {{ ns.found }}",
    "{% if true %}{% set a = 5 %}{% endif %}{{ a }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a = 1, 2 %}{{ a }}", "{% set (a, b) = [1, 2] %}{{ b }}", "{% set a, b = [1] %}",
    "{% set x %}hi {{ n }}{% endset %}[{{ x }}]", "{% set x | upper %}hi{% endset %}[{{ x }}]", "{% set x | replace('h', 'j') | upper %}hi{% endset %}{{ x }}",
    "{% set d.q = 1 %}",
    "{% macro f(a, b='z') %}<{{ a }}{{ b }}>{% endmacro %}{{ f(1) }}{{ f(1, b=2) }}{{ f(b=3, a=4) }}{{ f() }}{{ f(none, none) }}",
    "{% macro f(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, 3, k=4) }}", "{% macro f(a) %}x{% endmacro %}{{ f(1, 2) }}", "{% macro f() %}x{% endmacro %}{{ f(k=1) }}",
    "{% macro f() %}[{{ caller() }}]{% endmacro %}{% call f() %}in{% endcall %}", "{% macro f() %}{% for i in [1, 2] %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(u) f() %}<{{ u }}>{% endcall %}",
    "{% macro fact(n) %}{{ 1 if n < 2 else n * (fact(n - 1) | int) }}{% endmacro %}{{ fact(5) }}", "{% set y = 1 %}{% macro f() %}{{ y }}{% endmacro %}{% set y = 2 %}{{ f() }}",
    "{% macro f(a, b=a) %}{{ b }}{% endmacro %}{{ f(3) }}", "{% macro f(x) -%}\n  {{ x }}\n{%- endmacro %}[{{ f(1) }}]{{ f(1) | length }}",
    "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "{% filter upper %}abc{{ n }}x{% endfilter %}", "{% filter replace('a', 'b') | upper %}aaa{% endfilter %}",
    "{% raw %}{{ x }}{% y %}{% endraw %}!", "a{# c #}b", "a {#- c -#} b", "a\n{# c #}\nb", "{% generation %}a{{ n }}{% endgeneration %}b", "{% set q = 1 %}{% generation %}{% set q = 2 %}{{ q }}{% endgeneration %}{{ q }}",
    "a\n{% if true %}\nb\n{% endif %}\nc\n", "a\n  {% if true %}\n  b\n  {% endif %}\nc", "a {% if true %} b {% endif %} c", "a\n  {%- if true -%}\n  b\n  {%- endif -%}\nc", "a\n  {%+ if true +%}\n  b\n  {% endif %}\nc", "  {{ n }}\n  {{- n }}\n  {{ n -}}\n  x\n\n", "a\n\n", "\n\na", "{{ n }}\n", "{{ n }}\n\n", "{% if true %}\n\nb{% endif %}", "a\t{% if 1 %}b{% endif %}", "\t{% if 1 %}b{% endif %}", "x{{ n }}{% if 1 %}\n{% endif %}y", "a\r\n{% if 1 %}\r\nb\r\n{% endif %}", "{%- set a = 1 -%}\n\n a", "{% raw %}\n a {% endraw %}\n b", "{%- raw -%}\n a {%- endraw -%}\n b",
    "{% if n == 7 %}a{% elif n == 8 %}b{% else %}c{% endif %}{% if n == 8 %}a{% elif n == 7 %}b{% endif %}{% if missing %}a{% else %}c{% endif %}",
    "{% set j = joiner('|') %}{% for i in items %}{{ j() }}{{ i }}{% endfor %}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set _ = c.reset() %}{{ c.next() }}",
    "{% set g = messages | selectattr('role', 'equalto', 'user') %}{{ g | list | length }}{{ g | list | length }}", "{{ items | map('string') | length }}", "{% set x = {'a': [1, {'b': 2}]} %}{{ x.a[1].b }}{{ x['a'][1]['b'] }}",
    "{% print n %}", "{{ '{{' }} {{ '%}' }}", "{{ {'a': {'b': 1}}}}", "{% if not n is defined or n is none %}a{% else %}b{% endif %}", "{{ n }}{{ undefined_thing }}{{ n }}", "{{ loop }}",
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + (m['content'] or '') + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "{{- bos_token }}\n{%- if tools is not none %}\n    {{- 'Tools: ' }}\n    {%- for t in tools %}\n        {{- t | tojson(indent=4) }}\n        {{- '\\n\\n' }}\n    {%- endfor %}\n{%- endif %}\n{%- for message in messages %}\n    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}\n        {{- '<|start|>' + message['role'] + '<|end|>\\n\\n' + message['content'] | trim + '<|eot|>' }}\n    {%- elif 'tool_calls' in message %}\n        {%- if not message.tool_calls | length == 1 %}\n            {{- raise_exception('one call') }}\n        {%- endif %}\n        {%- set tool_call = message.tool_calls[0].function %}\n        {{- tool_call.name ~ '(' }}\n        {%- for arg_name, arg_val in tool_call.arguments | items %}\n            {{- arg_name + '=\"' + arg_val | string + '\"' }}\n            {%- if not loop.last %}{{- ', ' }}{%- endif %}\n        {%- endfor %}\n        {{- ')' }}\n    {%- else %}\n        {{- message.content | tojson }}\n    {%- endif %}\n{%- endfor %}",
    "{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}\n{%- for message in messages[::-1] %}\n    {%- set index = (messages|length - 1) - loop.index0 %}\n    {%- if ns.multi_step_tool and message.role == \"user\" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}\n        {%- set ns.multi_step_tool = false %}\n        {%- set ns.last_query_index = index %}\n    {%- endif %}\n{%- endfor %}\n{{ ns.last_query_index }}{{ messages[ns.last_query_index].content.split('w')[-1].lstrip('\\n') }}",
    "{% if messages[0]['role'] == 'system' %}{% set system_message = messages[0]['content'] | trim + '\\n\\n' %}{% set messages = messages[1:] %}{% else %}{% set system_message = '' %}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}{{ system_message if loop.first }}{{ message.role }}{% endfor %}",
    "{% for message in messages %}{% if message.content is string %}{{ message.content }}{% elif message.content is iterable %}{% for p in message.content %}{{ p.text }}{% endfor %}{% elif message.content is none %}-{% endif %}{% endfor %}",
    "{% set first = messages | selectattr('role', 'equalto', 'user') | first %}{{ first.content | trim }}", "{{ messages | map(attribute='role') | unique | list }}", "{{ messages | rejectattr('content', 'none') | map(attribute='content') | map('trim') | join('|') }}",
    "{% include 'x' %}", "{% extends 'x' %}", "{% foo %}", "{{ 'a' | nofilter }}", "{{ 1 is notest }}", "{{ ", "{% if 1 %}", "{{ 1 + }}", "{{ (1 }}", "{% endif %}", "{% for x %}{% endfor %}", "{{ 'abc }}", "{% do items %}",
]


def split(line):
    parts, depth, start, quote, at = [], 0, 0, "", 0
    while at < len(line):
        c = line[at]
        if quote:
            if c == "\\":
                at += 1
            elif c == quote:
                quote = ""
        elif c in "'\"":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif line[at : at + 3] == " | " and depth == 0:
            parts.append(line[start:at])
            start = at + 3
        at += 1
    return parts + [line[start:]]


def joined(parts):
    """Filters go with what they stand behind: an expression is followed by those parts that begin with a filter's name."""
    import re

    names = set(_compile_jinja_template("").environment.filters)
    out, whole = [], []
    for part in parts:
        word = re.match(r"[a-z]+", part)
        rest = part[len(word[0]) :] if word else ""
        if whole and word and word[0] in names and not (word[0] in VALUES and rest == "") and rest[:2] not in (" i", " a"):
            whole[-1] += " | " + part
        else:
            whole.append(part)
    return whole


sources = []
for line in EXPRESSIONS.split("\n"):
    sources += ["{{ " + expression.strip() + " }}" for expression in joined(split(line))]
sources += STATEMENTS
cases = []
for source in sources:
    try:
        cases.append({"source": source, "prints": _compile_jinja_template(source).render(**VALUES)})
    except Exception as error:
        cases.append({"source": source, "error": type(error).__name__})
path = Path(__file__).parents[2] / "src/text/jinja/jinja.fixture.json"
path.write_text(json.dumps({"values": VALUES, "cases": cases}, ensure_ascii=False, indent=1) + "\n")
print(len(cases), sum("error" in case for case in cases))
