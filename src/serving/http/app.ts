/** @file The routes. Everything that is said goes through `fetch`, so that they can be tried without a network. */
import { Hono } from 'hono';
import type { Engine } from '../engine/engine.js';
import type { ServedModel } from '../engine/models.js';
import { ApiError, apiErrorOf, modelNotFound } from './errors.js';
import { answer } from './generations.js';
import { readBody } from './request-body.js';
import { type ChatBody, type CompletionBody, chatSchema, completionSchema } from './schemas.js';

export interface AppOptions {
  readonly engine: Engine;
  /** Told of what was not the client's fault. */
  readonly onError?: (error: unknown) => void;
}

export function createApp({ engine, onError = () => {} }: AppOptions): Hono {
  const app = new Hono();
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/v1/models', (c) =>
    c.json({ object: 'list', data: [...engine.models.values()].map(modelObject) }),
  );
  app.get('/v1/models/:id{.+}', (c) => {
    const id = c.req.param('id');
    const model = engine.models.get(id);
    if (!model) throw modelNotFound(id);
    return c.json(modelObject(model));
  });
  app.post('/v1/completions', async ({ req: { raw } }) => {
    const body = await readBody(raw, completionSchema);
    return answer(
      engine,
      { body, prompts: promptsOf(body), maxTokens: body.max_tokens ?? 16, signal: raw.signal },
      {
        prefix: 'cmpl-',
        object: 'text_completion',
        chunkObject: 'text_completion',
        choice: (text) => ({ text, logprobs: null }),
        chunk: (text) => (text === undefined ? undefined : { text, logprobs: null }),
      },
    );
  });
  app.post('/v1/chat/completions', async ({ req: { raw } }) => {
    const body = await readBody(raw, chatSchema);
    const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? undefined;
    return answer(
      engine,
      { body, prompts: [{ messages: body.messages.map(messageOf) }], maxTokens, signal: raw.signal },
      {
        prefix: 'chatcmpl-',
        object: 'chat.completion',
        chunkObject: 'chat.completion.chunk',
        choice: (content) => ({ message: { role: 'assistant', content, refusal: null }, logprobs: null }),
        chunk: (content) => ({
          delta:
            content === undefined ? { role: 'assistant', content: '' } : content === '' ? {} : { content },
          logprobs: null,
        }),
      },
    );
  });
  app.notFound((c) => {
    throw new ApiError(404, `there is no ${c.req.method} ${c.req.path} here`);
  });
  app.onError((error, c) => {
    const { status, body, details } = apiErrorOf(error);
    const hasLeft = c.req.raw.signal.aborted; // nobody reads what is answered
    if (status === 500 && !hasLeft) onError(error);
    return c.json(body, status, { ...details.headers });
  });
  return app;
}

function modelObject({ id, parent, method, numVirtualTokens, maxLength, created }: ServedModel) {
  return {
    id,
    object: 'model',
    created: Math.floor(created.getTime() / 1000),
    owned_by: 'promptune',
    parent: parent ?? null,
    max_model_len: maxLength,
    ...(method !== undefined && { method, virtual_tokens: numVirtualTokens }),
  };
}

/** No prompt is an empty text: what follows a learned prompt. */
function promptsOf({ prompt }: CompletionBody): (string | readonly number[])[] {
  if (prompt === undefined || prompt === null) return [''];
  if (typeof prompt === 'string') return [prompt];
  return typeof prompt[0] === 'number' || prompt.length === 0
    ? [prompt as number[]]
    : (prompt as (string | number[])[]);
}

function messageOf({ role, content }: ChatBody['messages'][number]) {
  return {
    role: role === 'developer' ? 'system' : role,
    content: Array.isArray(content) ? content.map(({ text }) => text).join('') : (content ?? null),
  };
}
