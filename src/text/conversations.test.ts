import { describe, expect, it } from 'vitest';
import type { Fields } from '../records/record-formats.js';
import type { Message } from './chat.js';
import { conversationForm, conversationOf } from './conversations.js';

const read = (fields: Fields) => conversationOf({ path: 'c.jsonl', place: 'line 7', fields });

const user: Message = { role: 'user', content: 'hello' };
const assistant: Message = { role: 'assistant', content: 'hi' };
const sharedTools = [{ type: 'function', function: { name: 'get_weather', parameters: {} } }];
const call = { type: 'function', function: { name: 'get_weather', arguments: '{}' } };

describe('a conversation', () => {
  it.each<[string, Fields, Message[]]>([
    ['messages', { messages: [user, assistant] }, [user, assistant]],
    ['messages under another capital', { Messages: [user, assistant] }, [user, assistant]],
    ['JSON text in a cell', { messages: JSON.stringify([user, assistant]) }, [user, assistant]],
    [
      'ShareGPT',
      {
        id: '1',
        conversations: [
          { from: 'human', value: 'hello' },
          { from: 'gpt', value: 'hi' },
        ],
      },
      [user, assistant],
    ],
    [
      'a system beside it',
      {
        conversations: [
          { from: 'human', value: 'hello' },
          { from: 'gpt', value: 'hi' },
        ],
        system: 'You are a pirate.',
      },
      [{ role: 'system', content: 'You are a pirate.' }, user, assistant],
    ],
    ['an empty system', { messages: [user, assistant], system: '' }, [user, assistant]],
    [
      'weights',
      { messages: [user, { ...assistant, weight: 0 }, user, { ...assistant, weight: 1 }] },
      [user, { ...assistant, weight: 0 }, user, { ...assistant, weight: 1 }],
    ],
    [
      'train',
      {
        conversations: [
          user,
          { from: 'gpt', value: 'hi', train: false },
          user,
          { from: 'gpt', value: 'hi', train: true },
        ],
      },
      [user, { ...assistant, weight: 0 }, user, { ...assistant, weight: 1 }],
    ],
    [
      'lists of parts',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'hel' },
              { type: 'text', text: 'lo' },
            ],
          },
          assistant,
        ],
      },
      [user, assistant],
    ],
    [
      'calls without content',
      {
        messages: [
          user,
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', content: '20 C' },
          assistant,
        ],
      },
      [
        user,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', content: '20 C' },
        assistant,
      ],
    ],
    [
      'calls with content that is null',
      { messages: [user, { role: 'assistant', content: null, tool_calls: [call] }] },
      [user, { role: 'assistant', content: null, tool_calls: [call] }],
    ],
    [
      "OpenAI's older calls",
      {
        messages: [
          user,
          { role: 'assistant', content: null, function_call: call.function },
          { role: 'function', name: 'get_weather', content: '20 C' },
        ],
      },
      [
        user,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', name: 'get_weather', content: '20 C' } as Message,
      ],
    ],
    [
      "ShareGPT's calls",
      {
        conversations: [
          { from: 'human', value: 'hello' },
          { from: 'function_call', value: JSON.stringify(call.function) },
          { from: 'observation', value: '20 C' },
          { from: 'gpt', value: 'hi' },
        ],
      },
      [
        user,
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', content: '20 C' },
        assistant,
      ],
    ],
    [
      "TRL's prompt and completion",
      { prompt: [user, assistant, user], completion: [assistant] },
      [{ ...user, weight: 0 }, { ...assistant, weight: 0 }, { ...user, weight: 0 }, assistant],
    ],
    [
      "TRL's preference",
      { prompt: [user], chosen: [assistant], rejected: [{ ...assistant, content: 'no' }] },
      [{ ...user, weight: 0 }, assistant],
    ],
    [
      "Python's notation in a cell",
      { messages: "[{'role': 'user', 'content': 'hello'}\n {'role': 'assistant', 'content': 'hi'}]" },
      [user, assistant],
    ],
    [
      'a text as prompt',
      { prompt: 'hello', chosen: [assistant], rejected: [{ ...assistant, content: 'no' }] },
      [{ ...user, weight: 0 }, assistant],
    ],
    [
      "LLaMA-Factory's preference",
      {
        conversations: [{ from: 'human', value: 'hello' }],
        chosen: { from: 'gpt', value: 'hi' },
        rejected: { from: 'gpt', value: 'no' },
      },
      [{ ...user, weight: 0 }, assistant],
    ],
    ['a text as completion', { prompt: [user], completion: 'hi' }, [{ ...user, weight: 0 }, assistant]],
    [
      'a prompt that the conversation begins with',
      { prompt: 'hello', chosen: [user, assistant], rejected: [user, { ...assistant, content: 'no' }] },
      [{ ...user, weight: 0 }, assistant],
    ],
    [
      "TRL's preference without a prompt",
      {
        chosen: [user, assistant, user, assistant],
        rejected: [user, assistant, user, { ...assistant, content: 'no' }],
      },
      [{ ...user, weight: 0 }, { ...assistant, weight: 0 }, { ...user, weight: 0 }, assistant],
    ],
  ])('is read from %s', (_, fields, messages) => {
    expect(read(fields)).toEqual({ messages });
  });

  it.each<[string, Fields]>([
    ['tools', { tools: sharedTools }],
    ['tools as JSON text', { tools: JSON.stringify(sharedTools) }],
    ['functions', { functions: sharedTools.map((tool) => tool.function) }],
  ])('has the %s beside it', (_, beside) => {
    expect(read({ messages: [user, assistant], ...beside })).toEqual({
      messages: [user, assistant],
      tools: sharedTools,
    });
  });

  it('says which fields it reads', () => {
    const fields = { id: 1, messages: [user, assistant], tools: [], system: 'S', rejected: 'x' };
    expect(conversationForm(fields)!.fields).toEqual(['messages', 'system', 'tools']);
    expect(conversationForm({ prompt: 'a', chosen: [assistant] })!.fields).toEqual(['prompt', 'chosen']);
    expect(conversationForm({ prompt: 'a', chosen: [user, assistant] })!.fields).toEqual(['chosen']);
    expect(conversationForm({ prompt: 'a', completion: 'b' })).toBeUndefined();
    expect(conversationForm({ messages: 'a text' })).toBeUndefined();
  });

  it.each<[Fields, string]>([
    [{ messages: [user] }, 'no message is of the role "assistant"'],
    [{ messages: [user, { ...assistant, weight: 0 }] }, 'every turn of the assistant has the weight 0'],
    [{ messages: [user, { ...assistant, weight: 0.5 }] }, 'message 2 has the weight 0.5; expected 1'],
    [{ messages: [{ role: 'user', content: null }, assistant] }, 'message 1 is not of the shape'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }, assistant] },
      'message 1 has a part of the type "image_url"; only text parts are supported',
    ],
    [
      { messages: "[{'role': 'user', 'content': datetime.date(2024, 1, 2)}]" },
      "this is Python's notation; write it with json.dumps",
    ],
    [{ messages: [{ role: 'system', content: 'T' }, user, assistant], system: 'S' }, 'two system messages'],
    [
      { messages: [user, assistant], tools: 'no JSON' },
      'the field "tools" is a string, expected a list of tools',
    ],
    [{ conversations: [{ from: 'function_call', value: 'f(x)' }] }, 'message 1 calls no function'],
  ])('is refused: %j', (fields, message) => {
    expect(() => read(fields)).toThrow(`c.jsonl (line 7): `);
    expect(() => read(fields)).toThrow(message);
  });
});
