import { expect, it } from 'vitest';
import { exampleInput } from './example-input.js';
import type { ExampleToken } from './example-tokens.js';

const record = (fields: Record<string, unknown>) => ({ fields, place: 'row 1' });
const tokens: ExampleToken[] = [
  { text: '', isTarget: false },
  { id: 5, text: 'A cat', isTarget: false },
  { id: 6, text: ' purrs', isTarget: true },
];

it('takes a prompt as it is, without learned vectors', () => {
  expect(exampleInput(record({}), undefined, tokens)).toBe('A cat');
  expect(exampleInput(record({}), undefined, tokens.slice(2))).toBeUndefined();
});

it('takes the value of the only field of a template', () => {
  const fields = { en: 'A cat', zh: '猫', year: 2024 };
  expect(exampleInput(record(fields), { promptTemplate: '{{ soft(4) }}{{ en }} =' }, tokens)).toBe('A cat');
  expect(exampleInput(record(fields), { promptTemplate: '{year}:' }, tokens)).toBe('2024');
  expect(exampleInput(record({ en: ['A', 'cat'] }), { promptTemplate: '{en}' }, tokens)).toBeUndefined();
});

it('takes the values of several fields as a JSON object', () => {
  const fields = { context: 'A cat.\nA dog.', question: 'Who?', answers: ['a', 'b'], none: null };
  const input = (promptTemplate: string) => exampleInput(record(fields), { promptTemplate }, tokens);
  expect(input('{context} {question}')).toBe('{"context":"A cat.\\nA dog.","question":"Who?"}');
  expect(input('{{ answers | first }} {{ question }}')).toBe('{"answers":["a","b"],"question":"Who?"}');
  expect(input('{context} {none}')).toBeUndefined();
  expect(input('{context} {missing}')).toBeUndefined();
});

it('takes what the user says, if that is all before the answer', () => {
  const [user, assistant] = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi' },
  ];
  expect(exampleInput(record({ messages: [user, assistant] }), { chat: true }, tokens)).toBe('Hello');
  const told = { role: 'system', content: 'Be kind' };
  expect(exampleInput(record({ messages: [told, user, assistant] }), { chat: true }, tokens)).toBeUndefined();
});
