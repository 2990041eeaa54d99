/** @file The API over a port, with the embedded model. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTextGenerator } from '../../src/generation/text-generator.js';
import { fromPretrained } from '../../src/index.js';
import { createServer, type Server } from '../../src/serving/index.js';
import type { Json } from '../support/cli.js';

let server: Server;
let expected: string;
let answer: string;
const messages = [{ role: 'user', content: 'A cute' }];

beforeAll(async () => {
  const pretrained = await fromPretrained();
  const generator = createTextGenerator(pretrained);
  expected = (await generator.generate('A cute', { maxNewTokens: 12 })).text;
  answer = (await generator.generate({ messages }, { maxNewTokens: 12 })).text;
  await generator.dispose();
  server = await createServer({ ...pretrained, port: 0 });
});
afterAll(() => server.close());

const post = (path: string, body: unknown) =>
  fetch(`${server.url}/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const bodyOf = async (response: Response) => (await response.json()) as Json;
const completion = { model: 'promptune-mini', prompt: 'A cute', max_tokens: 12, temperature: 0 };

it('lists its models', async () => {
  const list = await bodyOf(await fetch(`${server.url}/v1/models`));
  expect(list).toMatchObject({ object: 'list', data: [{ id: 'promptune-mini', object: 'model' }] });
  const one = await fetch(`${server.url}/v1/models/promptune-mini`);
  expect(await one.json()).toEqual(list.data[0]);
  const missing = await fetch(`${server.url}/v1/models/a%2Fb`);
  expect(missing.status).toBe(404);
  expect((await bodyOf(missing)).error).toMatchObject({ code: 'model_not_found', param: 'model' });
});

it('completes a prompt as the library does', async () => {
  const response = await post('completions', completion);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    object: 'text_completion',
    model: 'promptune-mini',
    choices: [{ index: 0, text: expected, finish_reason: 'length', logprobs: null }],
    usage: { prompt_tokens: 2, completion_tokens: 12, total_tokens: 14 },
  });
});

it('streams the same text, and its usage where that is wanted', async () => {
  const response = await post('completions', {
    ...completion,
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = (await response.text()).split('\n\n');
  expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
  const chunks = events.slice(0, -2).map((event) => JSON.parse(event.replace(/^data: /, '')));
  const { usage, choices } = chunks.pop();
  expect({ usage, choices }).toEqual({
    usage: { prompt_tokens: 2, completion_tokens: 12, total_tokens: 14 },
    choices: [],
  });
  expect(chunks.map((chunk) => chunk.choices[0].text).join('')).toBe(expected);
  expect(chunks.map((chunk) => chunk.choices[0].finish_reason).filter(Boolean)).toEqual(['length']);
});

it.each([
  ['an unknown model', { model: 'cats' }, 404, { code: 'model_not_found' }],
  ['a wrong type', { max_tokens: 'many' }, 400, { param: 'max_tokens' }],
  ['what is not supported', { suffix: '.' }, 400, { param: 'suffix', code: 'unsupported_parameter' }],
  ['too long a prompt', { prompt: 'a '.repeat(600) }, 400, { code: 'context_length_exceeded' }],
  ['an empty prompt', { prompt: '' }, 400, {}],
])('answers %s with an error', async (_, wrong, status, error) => {
  const response = await post('completions', { ...completion, ...wrong });
  expect(response.status).toBe(status);
  expect((await bodyOf(response)).error).toMatchObject({ type: 'invalid_request_error', ...error });
});

it('answers a conversation as the library does', async () => {
  const response = await post('chat/completions', {
    ...{ model: 'promptune-mini', messages, max_completion_tokens: 12, temperature: 0 },
  });
  expect(await bodyOf(response)).toMatchObject({
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: answer } }],
  });
});
