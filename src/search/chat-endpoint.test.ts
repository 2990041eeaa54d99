import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { PromptuneError, UsageError } from '../errors.js';
import { type ChatEndpointOptions, createChatEndpoint } from './chat-endpoint.js';
import { type ChatRequest, type ChatServer, refuse, startChatServer } from './chat-server.fixture.js';

let server: ChatServer;
afterEach(() => server?.close());

/** Asks "Who?" of a service that answers so. Further attempts come at once. */
async function ask(
  answer: (request: ChatRequest, response: ServerResponse) => string | undefined,
  options: Partial<ChatEndpointOptions> = {},
): Promise<string> {
  server = await startChatServer(answer);
  return createChatEndpoint({ url: server.url, model: 'm', backoffSeconds: 0, ...options })('Who?');
}

it('sends one message, the model and the key, and gives the answer', async () => {
  expect(await ask(() => 'Me.', { apiKey: 'secret', temperature: 0.5 })).toBe('Me.');
  const [request] = server.requests;
  expect(server.requests).toHaveLength(1);
  expect(request!.path).toBe('/v1/chat/completions');
  expect(request!.headers.authorization).toBe('Bearer secret');
  expect(request!.body).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Who?' }],
    temperature: 0.5,
  });
});

it('accepts the address with and without its path, and sends no key if there is none', async () => {
  server = await startChatServer(() => 'Me.');
  for (const end of ['/', '/chat/completions', '/chat/completions/'])
    await createChatEndpoint({ url: `${server.url}${end}`, model: 'm' })('Who?');
  expect(server.requests.map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'));
  expect(server.requests[0]!.headers.authorization).toBeUndefined();
});

it.each([429, 500, 503])('tries again after HTTP %i', async (status) => {
  let calls = 0;
  const answer = (_: ChatRequest, response: ServerResponse) =>
    ++calls < 3 ? refuse(response, status, 'busy', { 'retry-after': '0' }) : 'At last.';
  expect(await ask(answer)).toBe('At last.');
  expect(server.requests).toHaveLength(3);
});

describe('gives up', () => {
  const failure = (asking: Promise<string>) => expect(asking).rejects;

  it('at once if the key is refused, without showing it', async () => {
    const asking = ask((_, response) => refuse(response, 401, 'Incorrect\u001b[31m key'), {
      apiKey: 'secret',
    });
    const error = await asking.catch((caught) => caught);
    expect(error).toBeInstanceOf(PromptuneError);
    const place = `${server.url}/chat/completions`;
    expect(error.message).toBe(
      `${place}: HTTP status 401: Incorrect [31m key; check the key for this service`,
    );
    expect(server.requests).toHaveLength(1);
  });

  it('without what follows ? in the address, and without a value of it that the service repeats', async () => {
    server = await startChatServer((_, response) => refuse(response, 403, 'no such code: k3y-in-query'));
    const asking = createChatEndpoint({ url: `${server.url}?code=k3y-in-query`, model: 'm' })('Who?');
    const place = `${server.url}/chat/completions?…`;
    await failure(asking).toThrow(
      `${place}: HTTP status 403: no such code: …; check the key for this service`,
    );
  });

  it('at once if the model or the address does not exist', async () => {
    await failure(ask((_, response) => refuse(response, 404, 'no m'))).toThrow(
      'HTTP status 404: no m; check the address and the name of the model',
    );
  });

  it('after five attempts', async () => {
    await failure(ask((_, response) => refuse(response, 500, 'broken'))).toThrow(
      'HTTP status 500: broken (5 attempts); try again later',
    );
    expect(server.requests).toHaveLength(5);
  });

  it('if a service asks for too long a wait', async () => {
    const answer = (_: ChatRequest, response: ServerResponse) =>
      refuse(response, 429, 'quota', { 'retry-after': '3600' });
    await failure(ask(answer)).toThrow('HTTP status 429: quota; it asks to wait 3600 s: try again then');
  });

  it('without an answer', async () => {
    await failure(ask(() => undefined, { timeoutSeconds: 0.05 })).toThrow(
      'no answer within 0.05 s (5 attempts)',
    );
  });

  it('without a service', async () => {
    server = await startChatServer(() => 'Me.');
    await server.close();
    const asking = createChatEndpoint({ url: server.url, model: 'm', backoffSeconds: 0 })('Who?');
    await failure(asking).toThrow(/: it could not be reached \(.*ECONNREFUSED.*\) \(5 attempts\)/);
  });

  it.each(['<html>Hello</html>', '{"choices": []}', '{"choices": [{"message": {"content": null}}]}', 'null'])(
    'where the answer is %s',
    async (body) => {
      const answer = (_: ChatRequest, response: ServerResponse) => {
        response.end(body);
        return undefined;
      };
      await failure(ask(answer)).toThrow(
        `expected JSON with choices[0].message.content, as of an OpenAI-compatible service, got ${JSON.stringify(body)}`,
      );
    },
  );

  it('when aborted while waiting', async () => {
    const controller = new AbortController();
    const answer = (_: ChatRequest, response: ServerResponse) => {
      setTimeout(() => controller.abort(new Error('enough')), 20);
      return refuse(response, 500, 'broken');
    };
    const asking = ask(answer, { signal: controller.signal, backoffSeconds: 30 });
    await failure(asking).toThrow();
    expect(server.requests).toHaveLength(1);
  });
});

it.each(['localhost:11434', 'ftp://x', 'http://', 'http://user:secret@localhost'])(
  'refuses the address %s',
  (url) => {
    const create = () => createChatEndpoint({ url, model: 'm' });
    expect(create).toThrow(UsageError);
    expect(create).toThrow('endpoint: ');
  },
);
