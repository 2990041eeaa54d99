/** @file A local mock of an OpenAI-compatible service, with answers from the test. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface ChatRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { model: string; messages: { role: string; content: string }[]; temperature?: number };
}

export interface ChatServer {
  readonly url: string;
  readonly requests: ChatRequest[];
  close(): Promise<void>;
}

/** @param answer returns the model's answer, or responds itself and returns undefined */
export async function startChatServer(
  answer: (request: ChatRequest, response: ServerResponse) => string | undefined,
): Promise<ChatServer> {
  const requests: ChatRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const body = (await json(incoming)) as ChatRequest['body'];
    const request = { path: incoming.url ?? '', headers: incoming.headers, body };
    requests.push(request);
    const content = answer(request, response);
    if (content === undefined) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Answers with an error, as such services do. */
export function refuse(response: ServerResponse, status: number, message: string, headers = {}): undefined {
  response.writeHead(status, headers).end(JSON.stringify({ error: { message } }));
}
