/** @file The routes. Everything goes through `fetch`, so that they can be tested without a network. */

import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { say } from '../../say.js';
import { packageVersion } from '../../workspace/package-version.js';
import type { Engine } from '../engine/engine.js';
import type { ServedModel } from '../engine/models.js';
import { chatRequest } from './chat.js';
import { classify } from './classify.js';
import { type Client, type Clients, withoutKeys } from './clients.js';
import { completionFormat, completionRequest } from './completions.js';
import { ApiError, apiErrorOf, modelNotFound } from './errors.js';
import { type AnswerFormat, answer, type BodyRequest } from './generations.js';
import { hostCheck } from './hosts.js';
import type { Metrics } from './metrics.js';
import { modelObject } from './models.js';
import { openApi } from './openapi.js';
import { readBody } from './request-body.js';
import { clientLeft, type RequestObserver, RequestRecord } from './request-record.js';
import { chatSchema, classifySchema, completionSchema, detokenizeSchema, tokenizeSchema } from './schemas.js';
import { tokenize } from './tokens.js';

/** More routes of the same port, behind its check of hosts. */
export interface MoreRoutes {
  /** Those that need no key. */
  readonly open: Hono<{ Variables: Variables }>;
  /** Those of clients: with keys, behind the check of them. */
  readonly keyed: Hono<{ Variables: Variables }>;
}

export interface AppOptions {
  readonly engine: Engine;
  /** Default: none. */
  readonly more?: MoreRoutes;
  readonly clients?: Clients;
  readonly observers?: readonly RequestObserver[];
  /** Shown to anyone who asks. Default: not shown. */
  readonly metrics?: Metrics;
  /** Accepted names in `Host`. Default: any. */
  readonly allowedHosts?: readonly string[];
  /** Whether requests are accepted. Default: always. */
  readonly isReady?: () => boolean;
  /** Maximum bytes of a body. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Milliseconds without an event until a comment is sent. Default 15,000; 0: never. */
  readonly pingMs?: number;
  /** Called with errors that are not a client's fault. */
  readonly onError?: (error: unknown) => void;
}

export type Variables = { record: RequestRecord; client: Client };
type Requested = Context<{ Variables: Variables }>;

export function createApp({
  engine,
  more,
  clients = withoutKeys,
  observers = [],
  metrics,
  allowedHosts,
  isReady = () => true,
  maxBodyBytes = 2 ** 20,
  pingMs = 15_000,
  onError = () => {},
}: AppOptions): Hono<{ Variables: Variables }> {
  const { tokenizer } = engine;
  const app = new Hono<{ Variables: Variables }>();

  app.use(async (c, next) => {
    const record = new RequestRecord(requestId(c.req.raw), c.req.method, c.req.path, observers);
    c.set('record', record);
    await next();
    c.res.headers.set('x-request-id', record.id);
    const isStream = c.res.headers.get('content-type')?.startsWith('text/event-stream');
    if (isStream) return; // the stream ends the record itself
    record.status = c.req.raw.signal.aborted ? clientLeft : c.res.status;
    record.end();
  });
  // Where a client has left, its signal's reason is thrown, which is a text; hono hands only errors to `onError`.
  app.use(async (_, next) => {
    try {
      await next();
    } catch (error) {
      throw error instanceof Error ? error : new Error(String(error));
    }
  });
  if (allowedHosts) app.use(hostCheck(allowedHosts));
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.get('/ready', (c) => {
    if (isReady()) return c.json({ status: 'ready' });
    throw new ApiError(503, say`the server takes no requests now`, {
      type: 'server_error',
      code: 'unavailable',
    });
  });
  if (more) app.route('/', more.open);
  app.use(async (c, next) => {
    const client = clients.of(c.req.raw);
    c.set('client', client);
    c.get('record').client = client.name;
    await next();
  });
  if (metrics) app.get('/metrics', () => metrics.response());
  app.get('/version', (c) => c.json({ version: packageVersion }));
  app.get('/openapi.json', (c) => c.json(openApi));
  app.get('/v1/models', (c) => {
    const models = [...engine.models.values()].filter(({ id }) => c.get('client').sees(id));
    return c.json({ object: 'list', data: models.map(modelObject) });
  });
  app.get('/v1/models/:id{.+}', (c) => c.json(modelObject(modelFor(c, c.req.param('id')))));
  // Before the body is read: what is refused for lack of room takes no time from what is accepted.
  for (const path of ['/v1/completions', '/v1/chat/completions'])
    app.post(path, async (_, next) => {
      engine.requireRoom();
      await next();
    });
  app.post('/v1/completions', async (c) => {
    const body = await readBody(c.req.raw, completionSchema, maxBodyBytes);
    modelFor(c, body.model);
    return generate(c, completionRequest(body, tokenizer), completionFormat(body, tokenizer));
  });
  app.post('/v1/chat/completions', async (c) => {
    const body = await readBody(c.req.raw, chatSchema, maxBodyBytes);
    const { maxLength } = modelFor(c, body.model);
    const { request, format } = chatRequest(body, tokenizer, maxLength);
    return generate(c, request, format);
  });
  // vLLM has it at the root.
  for (const path of ['/v1/classify', '/classify'])
    app.post(path, async (c) => {
      const body = await readBody(c.req.raw, classifySchema, maxBodyBytes);
      modelFor(c, body.model);
      enter(c, body.model);
      return classify(engine, body, c.var.record);
    });
  app.post('/tokenize', async (c) => {
    const body = await readBody(c.req.raw, tokenizeSchema, maxBodyBytes);
    return c.json(tokenize(body, tokenizer, modelFor(c, body.model).maxLength));
  });
  app.post('/detokenize', async (c) => {
    const { model, tokens } = await readBody(c.req.raw, detokenizeSchema, maxBodyBytes);
    modelFor(c, model);
    return c.json({ prompt: tokenizer.decode(tokens) });
  });
  if (more) app.route('/', more.keyed);
  app.all('/v1/responses', () => {
    throw new ApiError(404, say`there is no Responses API here; use /v1/chat/completions or /v1/completions`);
  });
  app.notFound((c) => {
    const routes = app.routes.filter(({ path, method }) => path === c.req.path && method !== 'ALL');
    const allowed = new Set(routes.map(({ method }) => method)); // a path may have several handlers
    if (allowed.size > 0)
      throw new ApiError(405, say`${c.req.path} is not for ${c.req.method}`, {
        headers: { allow: [...allowed].join(', ') },
      });
    throw new ApiError(404, say`there is no ${c.req.method} ${c.req.path} here`);
  });
  app.onError((error, c) => {
    const apiError = apiErrorOf(error);
    const { status, body, details } = apiError;
    const hasLeft = c.req.raw.signal.aborted; // nobody will read the answer
    if (!hasLeft) c.get('record')?.failed(apiError);
    if (status === 500 && !hasLeft) onError(error);
    return c.json(body, status, { ...details.headers });
  });
  return app;

  /** Without an id, the first model that the client can see. A model that it cannot see does not exist for it. */
  function modelFor(c: Requested, id: string | null | undefined): ServedModel {
    const { client } = c.var;
    const wanted = id ?? [...engine.models.keys()].find((each) => client.sees(each)) ?? '';
    const model = client.sees(wanted) ? engine.models.get(wanted) : undefined;
    if (!model) throw modelNotFound(wanted);
    return model;
  }

  /** The request counts for its client until it ends. */
  function enter({ var: { client, record } }: Requested, model: string): void {
    const leave = client.enter();
    record.atEnd.push(() => leave(record.promptTokens + record.newTokens));
    record.model = model;
  }

  function generate<Choice extends object, ChunkChoice extends object>(
    c: Requested,
    request: BodyRequest,
    format: AnswerFormat<Choice, ChunkChoice>,
  ): Promise<Response> {
    const { client, record } = c.var;
    enter(c, request.model);
    return answer(
      engine,
      { ...request, client: client.name, signal: c.req.raw.signal, record, pingMs },
      format,
    );
  }
}

/** The client's own id, if it is valid. */
function requestId({ headers }: Request): string {
  const given = headers.get('x-request-id') ?? '';
  return /^[\w.-]{1,128}$/.test(given) ? given : `req-${randomUUID().replaceAll('-', '')}`;
}
