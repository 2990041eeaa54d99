import { describe, expect, it } from 'vitest';
import { chatFormatOf } from './chat.js';
import type { Tokenizer } from './tokenizer.js';
import {
  callArgumentsFor,
  showsTools,
  type ToolCallFormat,
  ToolCallReader,
  toolCallFormatOf,
} from './tool-calls.js';

/** Templates that write tools and calls in the manner of a family. */
const families = {
  hermes: `{% if tools %}<|im_start|>system
<tools>{% for tool in tools %}{{ tool | tojson }}{% endfor %}</tools><|im_end|>
{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content or '' }}{% for call in m.tool_calls %}{{ '\\n' if m.content or not loop.first }}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`,
  llama: `{% if tools %}Respond with {"name": function name, "parameters": values}. {{ tools | tojson }}{% endif %}
{% for m in messages %}<|{{ m.role }}|>{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call') }}{% endif %}{{ '{"name": "' + m.tool_calls[0].function.name + '", "parameters": ' }}{{ m.tool_calls[0].function.arguments | tojson }}}{% else %}{{ m.content }}{% endif %}<|eot|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`,
  mistral: `{% for m in messages %}{% if m.role == 'user' %}{% if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}[INST] {{ m.content }}[/INST]{% elif m.tool_calls %}[TOOL_CALLS] [{% for call in m.tool_calls %}{% if call.id | length != 9 %}{{ raise_exception('ids have 9 characters') }}{% endif %}{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments }}, "id": "{{ call.id }}"}{% endfor %}]</s>{% else %} {{ m.content }}</s>{% endif %}{% endfor %}`,
  xml: `{{ tools | tojson }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% for call in m.tool_calls %}<function={{ call.function.name }}>{{ call.function.arguments | tojson }}</function>{% endfor %}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}`,
  plain: `{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}`,
};
const templates = {
  ...families,
  mistralLast: families.mistral.replace('[INST] ', "[INST] {{ 'Call tools. ' if loop.last }}"),
};
const special = (text: string) => /^(\[TOOL_CALLS\]|<\/s>|<\|\w+\|>)$/.test(text);

function formatOf(family: keyof typeof templates) {
  const tokenizer = {
    chatTemplate: templates[family],
    encode: (text: string) => Array.from(text, (character) => character.codePointAt(0)!),
    decode(ids: readonly number[], { skipSpecialTokens = false } = {}) {
      const text = String.fromCodePoint(...ids);
      return skipSpecialTokens && special(text) ? '' : text;
    },
  } as Tokenizer;
  const { format } = chatFormatOf(tokenizer);
  const found = toolCallFormatOf(format, tokenizer);
  return { format, isShown: showsTools(format), found, withArguments: callArgumentsFor(format, tokenizer) };
}

describe('the way in which a template writes calls', () => {
  it.each<[keyof typeof families, Partial<ToolCallFormat>]>([
    [
      'hermes',
      {
        before: '<tool_call>\n',
        marker: '<tool_call>',
        after: '</tool_call>',
        isList: false,
        takesText: false,
      },
    ],
    ['llama', { before: '', marker: '', after: '', argumentsKey: 'parameters', isList: false }],
    [
      'mistral',
      { before: '[TOOL_CALLS] ', marker: '', keys: ['name', 'arguments'], isList: true, takesText: true },
    ],
  ])('is found: %s', (family, expected) => {
    expect(formatOf(family)).toMatchObject({ isShown: true, found: expected });
  });

  it('is found where the last message of a user is written in another way', () => {
    expect(formatOf('mistralLast').found).toEqual(formatOf('mistral').found);
  });

  it('is not where calls are no JSON, or there are none', () => {
    expect(formatOf('xml')).toMatchObject({ isShown: true, found: undefined });
    expect(formatOf('plain')).toMatchObject({ isShown: false, found: undefined });
  });
});

describe('an answer', () => {
  const hermes = formatOf('hermes').found!;
  const llama = formatOf('llama').found!;
  const names = ['f', 'g'];

  /** What a reader makes of a text, whole and by characters. */
  function read(format: ToolCallFormat, text: string, isForced = false) {
    const results = [[text], [...text]].map((pieces) => {
      const reader = new ToolCallReader(format, names, isForced);
      const parts = [...pieces.map((piece) => reader.push(piece)), reader.end()];
      const calls = parts.flatMap((part) => part.calls);
      return [
        parts.map(({ content }) => content).join(''),
        ...calls.map((call) => [call.name, call.arguments]),
      ];
    });
    expect(results[1]).toEqual(results[0]);
    return results[0];
  }

  it('has texts and calls', () => {
    const call =
      '<tool_call>\n{"name": "f", "arguments": {"id": 12345678901234567890, "s": "}<tool_call>"}}\n</tool_call>';
    const written = ['f', '{"id": 12345678901234567890, "s": "}<tool_call>"}'];
    expect(read(hermes, call)).toEqual(['', written]);
    expect(read(hermes, `Let me see.\n\n${call}\n${call}\n`)).toEqual(['Let me see.', written, written]);
    expect(read(hermes, `${call} Done.`)).toEqual([' Done.', written]);
    expect(read(hermes, '<tool_call>{"arguments": null, "name": "g"}')).toEqual(['', ['g', '{}']]);
    expect(read(hermes, '<tool_call>{"name": "g", "arguments": "{\\"a\\": 1}"}')).toEqual([
      '',
      ['g', '{"a": 1}'],
    ]);
  });

  it.each([
    'no call ',
    '<tool_call> is a word',
    '<tool_call>\n{"name": "h", "arguments": {}}\n</tool_call>',
    '<tool_call>\n{"name": "f", "arguments": {"cut": "of',
    'ends in <tool',
    '<tool_call>\n{"name": f}',
    '<tool_call>{"name": "f", "arguments": 3}',
    '<tool_call>[1]',
  ])('is text where it is no call: %j', (text) => {
    expect(read(hermes, text)).toEqual([text]);
  });

  it('may be a call without a marker, if it begins with it', () => {
    const call = '{"name": "f", "parameters": {"a": [1, {"b": "{"}]}}';
    const written = ['f', '{"a": [1, {"b": "{"}]}'];
    expect(read(llama, call)).toEqual(['', written]);
    expect(read(llama, `\n${call}; ${call}`)).toEqual(['', written, written]);
    expect(read(llama, `Yes: ${call}`)).toEqual([`Yes: ${call}`]);
    expect(read(llama, '{"name": "Bob"} is JSON')).toEqual(['{"name": "Bob"} is JSON']);
    expect(read(llama, `[${call}, ${call}]`)).toEqual(['', written, written]);
  });

  it('is a call without its marker where it was forced', () => {
    expect(read(hermes, '{"name": "f", "arguments": {}}', true)).toEqual(['', ['f', '{}']]);
    expect(read(hermes, '{"name": "f", "argum', true)).toEqual(['{"name": "f", "argum']);
  });
});

describe('arguments of calls that are JSON text, as in the files of OpenAI', () => {
  const turn = (given: unknown, id = '123456789') => [
    { role: 'user', content: 'a' },
    {
      ...{ role: 'assistant', content: null },
      tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: given } }],
    },
  ];

  it.each(['hermes', 'llama'] as const)('are written as %s writes arguments', (family) => {
    const { format, withArguments } = formatOf(family);
    const written = format(withArguments(turn('{"city": "Rome", "days": 1.0}')));
    expect(written).toContain('{"city": "Rome", "days": 1.0}');
    expect(written).toBe(format(withArguments(turn({ city: 'Rome', days: 1 }))).replace('1}', '1.0}'));
  });

  it('stay a text where the template takes one, writes no JSON, or they are no object', () => {
    for (const family of ['mistral', 'xml', 'plain'] as const) {
      const messages = turn('{"city": "Rome"}');
      expect(formatOf(family).withArguments(messages)).toBe(messages);
    }
    expect(formatOf('hermes').withArguments(turn('Rome'))).toEqual(turn('Rome'));
    const plain = [{ role: 'user', content: 'a' }];
    expect(formatOf('hermes').withArguments(plain)).toBe(plain);
  });
});
