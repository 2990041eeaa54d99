/** @file Tools in chat requests: what the model is shown, and the calls in its answers, with the clients from npm. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, jsonSchema, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromPretrained } from '../../src/index.js';
import { createApp } from '../../src/serving/http/app.js';
import { createEngine, type Engine, type Generation } from '../../src/serving/index.js';
import type { Tokenizer } from '../../src/text/tokenizer.js';

/** In the manner of Hermes and Qwen. */
const chatTemplate = `{% if tools %}Tools: {% for tool in tools %}{{ tool.function.name }}({% if tool.function.parameters %}{{ tool.function.parameters.required | join }}{% endif %}) {% endfor %}
{% endif %}{% for m in messages %}{{ m.role }}{% if m.role == 'tool' %} {{ m.name }}{% endif %}: {{ m.content or '' }}{% for call in m.tool_calls %}<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}|{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}`;

const weather = {
  name: 'weather',
  parameters: {
    type: 'object',
    properties: { city: { $ref: '#/$defs/city' }, days: { type: 'integer', minimum: 1, maximum: 9 } },
    required: ['city', 'days'],
    additionalProperties: false,
    $defs: { city: { enum: ['Oslo', 'Rome'] } },
  },
};
const tools = [
  { type: 'function' as const, function: weather },
  { type: 'function' as const, function: { name: 'time', description: 'Tells the time.' } },
];
const messages = [{ role: 'user' as const, content: 'A cute' }];
const asked = { model: 'promptune-mini', messages, tools, temperature: 0 };

let engine: Engine;
let tokenizer: Tokenizer;
/** A client of an app that gets requests without a network. */
const clientOf = (served: Engine) => {
  const app = createApp({ engine: served });
  const fetch = async (url: string | URL | Request, init?: RequestInit) => app.request(String(url), init);
  return {
    fetch,
    openai: new OpenAI({ baseURL: 'http://localhost/v1', apiKey: 'none', maxRetries: 0, fetch }),
  };
};
let client: OpenAI;
let fetch: ReturnType<typeof clientOf>['fetch'];

beforeAll(async () => {
  const pretrained = await fromPretrained();
  tokenizer = { ...pretrained.tokenizer, chatTemplate };
  engine = await createEngine({ ...pretrained, tokenizer });
  ({ openai: client, fetch } = clientOf(engine));
});
afterAll(() => engine.dispose());

function expectWeather(text: string): void {
  const { city, days, ...others } = JSON.parse(text);
  expect(['Oslo', 'Rome']).toContain(city);
  expect([Number.isInteger(days), days >= 1, days <= 9, others]).toEqual([true, true, true, {}]);
}

describe('a call that is required', () => {
  it('is one of a tool, valid by its schema', async () => {
    const { choices } = await client.chat.completions.create({
      ...asked,
      tool_choice: 'required',
      n: 2,
      temperature: 2,
    });
    for (const { message, finish_reason } of choices) {
      expect([message.content, finish_reason, message.tool_calls?.length]).toEqual([null, 'tool_calls', 1]);
      const [call] = message.tool_calls!;
      expect(call!.id).toMatch(/^\w{9}$/);
      if (call!.type !== 'function') throw new Error(call!.type);
      if (call!.function.name === 'weather') expectWeather(call!.function.arguments);
      else expect([call!.function.name, JSON.parse(call!.function.arguments)]).toEqual(['time', {}]);
    }
  });

  const named = { ...asked, tool_choice: { type: 'function' as const, function: { name: 'weather' } } };

  it('is of the tool that is named, whole and in a stream', async () => {
    const whole = (await client.chat.completions.create(named)).choices[0]!;
    const called = whole.message.tool_calls![0]!;
    if (called.type !== 'function') throw new Error(called.type);
    expect([whole.finish_reason, called.function.name]).toEqual(['stop', 'weather']);
    expectWeather(called.function.arguments);
    const streamed = await client.chat.completions.stream(named).finalChatCompletion();
    expect(streamed.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, tool_calls: [{ type: 'function', function: called.function }] },
    });
  });

  it('is text where it is cut off', async () => {
    const { choices } = await client.chat.completions.create({ ...named, max_tokens: 4 });
    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: expect.any(String) } });
    expect(choices[0]!.message.tool_calls).toBeUndefined();
  });

  it('is read by the AI SDK', async () => {
    const provider = createOpenAICompatible({ name: 'promptune', baseURL: 'http://localhost/v1', fetch });
    const { toolCalls, finishReason } = await generateText({
      ...{ model: provider('promptune-mini'), prompt: 'A cute', temperature: 0, maxRetries: 0 },
      tools: { weather: tool({ inputSchema: jsonSchema(weather.parameters) }) },
      toolChoice: 'required',
    });
    expect([finishReason, toolCalls.map(({ toolName }) => toolName)]).toEqual(['tool-calls', ['weather']]);
    expectWeather(JSON.stringify(toolCalls[0]!.input));
  });
});

describe('a call that the model decides on', () => {
  /** An engine that answers with a text, a character at a time. */
  function saying(text: string): Engine {
    const [model] = engine.models.values();
    const generation = (): Generation => ({
      ...{ model: model!, promptIds: [1], times: { submitted: 0 } },
      async *[Symbol.asyncIterator]() {
        for (const [i, character] of [...text].entries())
          yield {
            id: 1,
            at: 0,
            text: character,
            ...(i === text.length - 1 && { finishReason: 'eos' as const }),
          };
      },
    });
    const submitAll = async (_: unknown, count: number) => Array.from({ length: count }, generation);
    return { models: engine.models, tokenizer, submitAll, requireRoom() {} } as unknown as Engine;
  }
  const call = (city: string) =>
    `<tool_call>\n{"name": "weather", "arguments": {"city": "${city}", "days": 2}}\n</tool_call>`;
  const called = (city: string) => ({
    type: 'function',
    function: { name: 'weather', arguments: `{"city": "${city}", "days": 2}` },
  });

  it('is found in the text, whole and in a stream', async () => {
    const { openai } = clientOf(saying(`Let me see.\n${call('Oslo')}\n${call('Rome')}`));
    const expected = {
      finish_reason: 'tool_calls',
      message: { content: 'Let me see.', tool_calls: [called('Oslo'), called('Rome')] },
    };
    expect((await openai.chat.completions.create(asked)).choices[0]).toMatchObject(expected);
    const stream = openai.chat.completions.stream(asked);
    const chunks: object[] = [];
    stream.on('chunk', ({ choices }) => chunks.push(choices[0]!.delta));
    expect((await stream.finalChatCompletion()).choices[0]).toMatchObject(expected);
    expect(chunks.filter((delta) => Object.keys(delta).length === 0).length).toBeLessThanOrEqual(1);
    const alone = { parallel_tool_calls: false, tool_choice: null as unknown as undefined };
    const one = await openai.chat.completions.create({ ...asked, ...alone });
    expect(one.choices[0]!.message.tool_calls).toMatchObject([called('Oslo')]);
  });

  it('is text where the request has no tools, or lets none be called', async () => {
    const { openai } = clientOf(saying(call('Oslo')));
    for (const wanted of [{ tools: undefined }, { tools: [] }, { tool_choice: 'none' as const }]) {
      const { choices } = await openai.chat.completions.create({ ...asked, ...wanted });
      expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: call('Oslo') } });
    }
    const plain = await clientOf(saying('It rains.')).openai.chat.completions.create(asked);
    expect(plain.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'It rains.' } });
  });
});

describe('a call that the model has begun', () => {
  /** A model that announces calls with a single character, which it is made to write. */
  const at = {
    ...{ model: 'promptune-mini', messages, tools, temperature: 0, max_tokens: 60 },
    logit_bias: {} as Record<string, number>,
  };
  let eager: OpenAI;
  let eagerEngine: Engine;
  beforeAll(async () => {
    const pretrained = await fromPretrained();
    const own = { ...pretrained.tokenizer, chatTemplate: chatTemplate.replaceAll(/<\/?tool_call>/g, '@') };
    at.logit_bias = { [own.encode('@')[0]!]: 100 };
    eagerEngine = await createEngine({ ...pretrained, tokenizer: own });
    eager = clientOf(eagerEngine).openai;
  });
  afterAll(() => eagerEngine.dispose());
  const callsIn = (choice: OpenAI.ChatCompletion.Choice) =>
    choice.message.tool_calls!.map((call) => (call as OpenAI.ChatCompletionMessageFunctionToolCall).function);

  it('follows the schema of its tool, whole and in a stream', async () => {
    const asked = { ...at, temperature: 1.5, seed: 3 };
    const whole = (await eager.chat.completions.create(asked)).choices[0]!;
    const calls = callsIn(whole);
    expect(calls.length).toBeGreaterThan(0);
    for (const { name, arguments: text } of calls)
      if (name === 'weather') expectWeather(text);
      else expect([name, JSON.parse(text)]).toEqual(['time', {}]);
    const streamed = (await eager.chat.completions.stream(asked).finalChatCompletion()).choices[0]!;
    expect(callsIn(streamed)).toMatchObject(calls);
  });

  const unsupported = { properties: { a: { not: {} } } };
  const withTool = (strict: boolean) => ({
    ...at,
    tools: [{ type: 'function' as const, function: { name: 'f', strict, parameters: unsupported } }],
  });

  it('has any object as arguments where their schema is not supported', async () => {
    const { choices } = await eager.chat.completions.create({ ...withTool(false), max_tokens: 30 });
    expect(choices[0]!.message.content).toMatch(/^@\s*{\s*"name"\s*:\s*"f"\s*,\s*"arguments"\s*:/);
    await expect(eager.chat.completions.create(withTool(true))).rejects.toMatchObject({
      ...{ status: 400, param: 'tools.0.function.parameters' },
      message: expect.stringContaining('#/properties/a: not is not supported'),
    });
  });

  it('changes nothing where there is none', async () => {
    const plain = { ...asked, max_tokens: 12 };
    const prompt = { messages, tools };
    let text = '';
    for await (const token of await engine.submit({ prompt, options: { maxNewTokens: 12 } }))
      text += token.text;
    const { choices } = await client.chat.completions.create(plain);
    expect(choices[0]!.message.content).toBe(text);
  });
});

it('shows the model tools, earlier calls and their results', async () => {
  const post = async (body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch('http://localhost/tokenize', {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await response.json()) as { tokens: number[]; error?: { param: string } };
  };
  const turn = (json: string) => ({
    role: 'assistant',
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'time', arguments: json } }],
  });
  const result = { role: 'tool', tool_call_id: 'a', content: '10:00' };
  const { tokens } = await post({ messages: [...messages, turn('{"zone": "CET"}'), result], tools });
  expect(tokenizer.decode(tokens)).toBe(
    'Tools: weather(citydays) time() user: A cute|' +
      'assistant: <tool_call>\n{"name": "time", "arguments": {"zone": "CET"}}\n</tool_call>|tool time: 10:00|assistant: ',
  );
  expect((await post({ messages: [turn('[1]')] })).error!.param).toBe(
    'messages.0.tool_calls.0.function.arguments',
  );
});

it.each<[string, object, string, string]>([
  [
    'an unknown tool',
    { tool_choice: { type: 'function', function: { name: 'f' } } },
    'tool_choice',
    'no tool "f"',
  ],
  ['no tool at all', { tool_choice: 'required', tools: undefined }, 'tool_choice', 'only with tools'],
  ['two of a name', { tools: [tools[0], tools[0]] }, 'tools', 'two tools have the name weather'],
  ['another type', { tools: [{ type: 'custom' }] }, 'tools.0.type', 'type function'],
  ['JSON besides', { response_format: { type: 'json_object' } }, 'response_format', 'leave one of them out'],
  [
    'a schema that is not supported',
    {
      tool_choice: 'required',
      tools: [
        tools[1],
        { type: 'function', function: { name: 'f', parameters: { properties: { a: { not: {} } } } } },
      ],
    },
    'tools.1.function.parameters',
    '#/properties/a: not is not supported',
  ],
])('refuses %s', async (_, wrong, param, message) => {
  const answer = client.chat.completions.create({ ...asked, ...wrong });
  await expect(answer).rejects.toMatchObject({
    status: 400,
    param,
    message: expect.stringContaining(message),
  });
});

it.each([
  ['{% for m in messages %}{{ m.content }}{% endfor %}', 'shows no tools'],
  ['{{ tools }}{% for m in messages %}{{ m.content }}{% endfor %}', 'in a way that is not read here'],
])('refuses tools where the template is %s', async (chatTemplate, message) => {
  const served = { ...tokenizer, chatTemplate };
  const other = { models: engine.models, tokenizer: served, requireRoom() {} } as unknown as Engine;
  await expect(clientOf(other).openai.chat.completions.create(asked)).rejects.toMatchObject({
    ...{ status: 400, param: 'tools', message: expect.stringContaining(message) },
  });
});
