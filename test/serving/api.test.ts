/** @file The API over a port, with the embedded model. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const post = (path: string, body: unknown) => fetch(`${server.url}/v1/${path}`, json(body));
const bodyOf = async (response: Response) => (await response.json()) as Json;
const tokenize = async (body: object) => bodyOf(await fetch(`${server.url}/tokenize`, json(body)));

/** The objects of a stream's events. */
async function streamed(path: string, body: object): Promise<Json[]> {
  const events = (await (await post(path, { ...body, stream: true })).text()).split('\n\n');
  expect(events.splice(-2)).toEqual(['data: [DONE]', '']);
  return events.map((event) => JSON.parse(event.replace(/^data: /, '')));
}

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

it('streams the same text, and its usage on request', async () => {
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

describe('completions', () => {
  const choicesOf = async (asked: object) => {
    const response = await post('completions', { ...completion, ...asked });
    expect(response.status).toBe(200);
    return (await bodyOf(response)).choices as Json[];
  };

  it('continue lists of texts, token ids, and lists of token ids, n times each', async () => {
    const ids = (await tokenize({ prompt: 'A cute' })).tokens;
    const same = { text: expected, finish_reason: 'length' };
    expect(await choicesOf({ prompt: ids })).toMatchObject([{ index: 0, ...same }]);
    const three = [0, 1, 2].map((index) => ({ index, ...same }));
    expect(await choicesOf({ prompt: ['A cute', 'A cute', 'A cute'] })).toMatchObject(three);
    expect(await choicesOf({ prompt: [ids, ids, ids] })).toMatchObject(three);
    const [first, second, other] = await choicesOf({ prompt: ['A cute', 'A dog'], n: 2 });
    expect(second).toMatchObject({ index: 1, text: first!.text });
    expect(other!.text).not.toBe(first!.text);
  });

  it('echo the prompt, with the log-probability of every token behind the first', async () => {
    expect((await choicesOf({ echo: true }))[0]!.text).toBe(`A cute${expected}`);
    expect((await choicesOf({ echo: true, max_tokens: 0 }))[0]!.text).toBe('A cute');
    const [whole] = await choicesOf({ logprobs: 2 });
    const prompt = (await tokenize({ prompt: `A cute${expected}` })).tokens;
    const [{ text, logprobs }] = (await choicesOf({ prompt, echo: true, logprobs: 2, max_tokens: 1 })) as [
      Json,
    ];
    expect(logprobs.tokens).toHaveLength(prompt.length + 1);
    expect(logprobs.tokens.join('')).toBe(text);
    expect([logprobs.token_logprobs[0], logprobs.top_logprobs[0]]).toEqual([null, null]);
    // What was likely when it was generated is as likely when it is given.
    for (const [i, logprob] of whole!.logprobs.token_logprobs.entries()) {
      expect(logprobs.token_logprobs[2 + i]).toBeCloseTo(logprob, 4);
      expect(Object.keys(whole!.logprobs.top_logprobs[i])).toHaveLength(2);
      expect(whole!.logprobs.top_logprobs[i][whole!.logprobs.tokens[i]]).toBe(logprob);
    }
    for (const [i, offset] of logprobs.text_offset.entries())
      expect(text.slice(offset).startsWith(logprobs.tokens[i])).toBe(true);
  });

  it('give the likeliest of best_of', async () => {
    const drawn = { temperature: 1, seed: 5, max_tokens: 4 };
    const three = await choicesOf({ ...drawn, n: 3, logprobs: 0 });
    const mean = ({ logprobs }: Json) =>
      logprobs.token_logprobs.reduce((sum: number, p: number) => sum + p) / 4;
    const best = three.toSorted((a, b) => mean(b) - mean(a))[0]!;
    expect(await choicesOf({ ...drawn, best_of: 3 })).toMatchObject([
      { index: 0, text: best.text, logprobs: null },
    ]);
  });

  it('are the same for the same seed, and go by penalties and biases', async () => {
    const drawn = { temperature: 1.5, seed: -7 };
    const [once] = await choicesOf(drawn);
    expect((await choicesOf(drawn))[0]!.text).toBe(once!.text);
    expect((await choicesOf({ ...drawn, seed: 8 }))[0]!.text).not.toBe(once!.text);
    const { tokens } = await tokenize({ prompt: ' cat' });
    const only = { logit_bias: { [tokens[0]]: 100 }, max_tokens: 3, ignore_eos: true };
    expect((await choicesOf(only))[0]!.text).toBe(' cat cat cat');
    const penalized = await choicesOf({ ...only, logit_bias: { [tokens[0]]: 20 }, frequency_penalty: 2 });
    expect(penalized[0]!.text).toMatch(/^ cat/);
  });

  it('stop before a stop text, and stream it the same', async () => {
    const stop = expected.split(' ').slice(2, 4).join(' ');
    const before = expected.slice(0, expected.indexOf(stop));
    expect(await choicesOf({ stop })).toMatchObject([{ text: before, finish_reason: 'stop' }]);
    const chunks = await streamed('completions', { ...completion, stop: [stop, '###'] });
    expect(chunks.map(({ choices }) => choices[0].text).join('')).toBe(before);
    expect(chunks.at(-1)!.choices[0].finish_reason).toBe('stop');
  });

  it('stream log-probabilities with the text that they are of', async () => {
    const asked = { ...completion, logprobs: 1, echo: true, n: 2 };
    const whole = await choicesOf(asked);
    const chunks = await streamed('completions', asked);
    for (const index of [0, 1]) {
      const own = chunks.map(({ choices }) => choices[0]).filter((choice) => choice.index === index);
      expect(own.map(({ text }) => text).join('')).toBe(whole[index]!.text);
      for (const field of ['tokens', 'token_logprobs', 'top_logprobs', 'text_offset'])
        expect(own.flatMap(({ logprobs }) => logprobs?.[field] ?? [])).toEqual(whole[index]!.logprobs[field]);
    }
  });
});

it.each<[string, object, number, object]>([
  ['an unknown model', { model: 'cats' }, 404, { code: 'model_not_found', param: 'model' }],
  ['no model', { model: undefined }, 400, { param: 'model' }],
  ['a wrong type', { max_tokens: 'many' }, 400, { param: 'max_tokens' }],
  ['a number out of range', { temperature: 2.5 }, 400, { param: 'temperature' }],
  ['a prompt of another kind', { prompt: { text: 'A' } }, 400, { param: 'prompt' }],
  ['what is not supported', { suffix: '.' }, 400, { param: 'suffix', code: 'unsupported_parameter' }],
  ['a grammar', { guided_regex: 'a+' }, 400, { param: 'guided_regex', code: 'unsupported_parameter' }],
  ['too long a prompt', { prompt: 'a '.repeat(600) }, 400, { code: 'context_length_exceeded' }],
  ['an empty prompt', { prompt: '' }, 400, {}],
  ['an id that there is not', { prompt: [1e6] }, 400, {}],
  ['a bias of a token that there is not', { logit_bias: { 1000000: 1 } }, 400, { param: 'logit_bias' }],
  ['more alternatives than there are', { logprobs: 6 }, 400, { param: 'logprobs' }],
  ['less than n of the best', { n: 2, best_of: 1 }, 400, { param: 'best_of' }],
  ['the best in a stream', { best_of: 2, stream: true }, 400, { param: 'best_of' }],
  ['too many continuations', { prompt: ['a', 'b'], n: 100 }, 400, { param: 'prompt' }],
  ['no tokens', { max_tokens: 0 }, 400, { param: 'max_tokens' }],
  ['more than the most', { min_tokens: 13 }, 400, { param: 'min_tokens' }],
  ['an empty stop text', { stop: [''] }, 400, { param: 'stop.0' }],
  ['a stream without one', { stream_options: { include_usage: true } }, 400, { param: 'stream_options' }],
])('answers %s with an error', async (_, wrong, status, error) => {
  const response = await post('completions', { ...completion, ...wrong });
  expect(response.status).toBe(status);
  expect((await bodyOf(response)).error).toMatchObject({ type: 'invalid_request_error', ...error });
});

it('accepts neutral values of unsupported fields, and unknown fields', async () => {
  const neutral = {
    ...{ suffix: null, tools: [], tool_choice: 'auto', response_format: { type: 'text' }, min_p: 0, n: null },
    ...{ presence_penalty: 0, logit_bias: {}, user: 'me', store: true, a_field_of_tomorrow: 1 },
  };
  expect((await bodyOf(await post('completions', { ...completion, ...neutral }))).choices[0].text).toBe(
    expected,
  );
});

it('answers invalid requests in the same format', async () => {
  const send = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
  const json = { 'content-type': 'application/json' };
  const answers: [Promise<Response>, number][] = [
    [send('/nowhere'), 404],
    [send('/v1/completions'), 405],
    [send('/v1/models', { method: 'DELETE' }), 405],
    [send('/v1/responses', { method: 'POST', body: '{}' }), 404],
    [send('/v1/completions', { method: 'POST', body: '{"model"', headers: json }), 400],
    [send('/v1/completions', { method: 'POST', body: '[]', headers: json }), 400],
    [send('/v1/completions', { method: 'POST', body: 'null', headers: json }), 400],
    [send('/v1/completions', { method: 'POST', body: `"${'a'.repeat(2 ** 20)}"`, headers: json }), 413],
    [send('/v1/completions', { method: 'POST', body: 'model=a', headers: { origin: 'http://a.b' } }), 415],
  ];
  for (const [answer, status] of answers) {
    const response = await answer;
    expect(response.status).toBe(status);
    expect(response.headers.get('x-request-id')).toMatch(/^req-/);
    expect((await bodyOf(response)).error).toMatchObject({ type: 'invalid_request_error', param: null });
  }
  expect((await send('/health', { headers: { 'x-request-id': 'mine.7' } })).headers.get('x-request-id')).toBe(
    'mine.7',
  );
});

it('counts the bytes of a chunked body', async () => {
  const encoder = new TextEncoder();
  const send = (pull: (controller: ReadableStreamDefaultController) => void) => {
    const body = new ReadableStream({ pull });
    const chunked = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
    return fetch(`${server.url}/v1/completions`, chunked as RequestInit);
  };
  const parts = JSON.stringify(completion).split(/(?<=,)/);
  const sound = await send((controller) => {
    const part = parts.shift();
    if (part === undefined) controller.close();
    else controller.enqueue(encoder.encode(part));
  });
  expect((await bodyOf(sound)).choices[0].text).toBe(expected);
  const endless = await send((controller) => controller.enqueue(encoder.encode(' '.repeat(2 ** 16))));
  expect(endless.status).toBe(413);
});

it('describes itself', async () => {
  const get = async (path: string) => bodyOf(await fetch(`${server.url}${path}`));
  expect(await get('/health')).toEqual({ status: 'ok' });
  expect(await get('/ready')).toEqual({ status: 'ready' });
  expect((await get('/version')).version).toMatch(/^\d/);
  const api = await get('/openapi.json');
  expect(Object.keys(api.paths)).toContain('/v1/completions');
  expect(api.components.schemas.CompletionRequest.properties.logprobs.anyOf[0]).toMatchObject({
    type: 'integer',
    minimum: 0,
    maximum: 5,
  });
});

it('turns texts and conversations into tokens, and tokens into texts', async () => {
  const { count, tokens, max_model_len, token_strs } = await tokenize({
    prompt: 'A cute',
    return_token_strs: true,
  });
  expect([count, max_model_len, token_strs]).toEqual([2, 256, ['A', ' cute']]);
  const text = await (await fetch(`${server.url}/detokenize`, json({ tokens }))).json();
  expect(text).toEqual({ prompt: 'A cute' });
  expect((await tokenize({ messages })).tokens).toEqual((await tokenize({ prompt: 'A: A cute\nB:' })).tokens);
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

describe('chat', () => {
  const chat = { model: 'promptune-mini', messages, max_tokens: 12, temperature: 0 };

  it('reads parts, and what a developer says as the system', async () => {
    const parts = [{ role: 'user', content: ['A', ' cute'].map((text) => ({ type: 'text', text })) }];
    const response = await bodyOf(await post('chat/completions', { ...chat, messages: parts }));
    expect(response.choices[0].message.content).toBe(answer);
    const of = async (role: string) =>
      (
        await bodyOf(
          await post('chat/completions', { ...chat, messages: [{ role, content: 'A' }, ...messages] }),
        )
      ).choices[0].message;
    expect(await of('developer')).toEqual(await of('system'));
  });

  it('gives log-probabilities with the bytes of tokens', async () => {
    const asked = { ...chat, logprobs: true, top_logprobs: 2 };
    const [choice] = (await bodyOf(await post('chat/completions', asked))).choices;
    const { content } = choice.logprobs;
    expect(content.map(({ token }: Json) => token).join('')).toContain(answer);
    for (const { token, logprob, bytes, top_logprobs } of content) {
      expect(Buffer.from(bytes).toString()).toBe(token);
      expect(top_logprobs[0]).toEqual({ token, logprob, bytes }); // greedy
      expect(top_logprobs[1].logprob).toBeLessThanOrEqual(logprob);
    }
    const chunks = await streamed('chat/completions', asked);
    expect(chunks.flatMap(({ choices }) => choices[0].logprobs?.content ?? [])).toEqual(content);
  });

  it('streams a role, the text and an end', async () => {
    const chunks = await streamed('chat/completions', { ...chat, n: 2 });
    const of = (index: number) =>
      chunks.map(({ choices }) => choices[0]).filter((choice: Json) => choice.index === index);
    for (const own of [of(0), of(1)]) {
      expect(own[0]).toEqual({
        ...{ index: own[0].index, delta: { role: 'assistant', content: '' } },
        ...{ logprobs: null, finish_reason: null },
      });
      expect(own.map(({ delta }: Json) => delta.content ?? '').join('')).toBe(answer);
      expect(own.slice(1, -1).every(({ delta }: Json) => delta.content !== '')).toBe(true);
      expect(own.at(-1)).toMatchObject({ delta: {}, finish_reason: expect.any(String) });
      expect(own.slice(0, -1).every((choice: Json) => choice.finish_reason === null)).toBe(true);
    }
  });

  it.each<[string, object, object]>([
    ['an unknown format', { response_format: { type: 'xml' } }, { param: 'response_format.type' }],
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }, { param: 'tools' }],
    [
      'an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      { param: 'messages.0.content' },
    ],
    ['nobody', { messages: [] }, { param: 'messages' }],
    ['no model', { model: undefined }, { param: 'model' }],
    ['a role that there is not', { messages: [{ role: 'cat', content: '' }] }, { param: 'messages.0.role' }],
    ['alternatives without the rest', { top_logprobs: 2 }, { param: 'top_logprobs' }],
    ['an echo', { echo: true }, { param: 'echo', code: 'unsupported_parameter' }],
  ])('refuses %s', async (_, wrong, error) => {
    const response = await post('chat/completions', { ...chat, ...wrong });
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({ type: 'invalid_request_error', ...error });
  });
});
