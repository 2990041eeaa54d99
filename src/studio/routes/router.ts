/** @file The routes of a resource, bodies by their schemas, and errors with all that is wrong. */
import { type Context, Hono } from 'hono';
import type * as z from 'zod';
import { FileError, PromptuneError, UsageError } from '../../errors.js';
import { say } from '../../say.js';
import type { Variables } from '../../serving/http/app.js';
import { ApiError, apiErrorOf } from '../../serving/http/errors.js';
import { readBody } from '../../serving/http/request-body.js';
import type { ApiProblem } from '../api/index.js';
import { preferred, speaking } from '../languages.js';

export type StudioRouter = Hono<{ Variables: Variables }>;
export type StudioRequest = Context<{ Variables: Variables }>;

/** Most bytes of a body that is no file. */
const maxBodyBytes = 2 ** 22;

/** @throws ApiError that names the first field that is invalid */
export const bodyOf = <Shape extends z.ZodRawShape>(
  { req }: StudioRequest,
  schema: z.ZodObject<Shape>,
  maxBytes = maxBodyBytes,
): Promise<z.output<z.ZodObject<Shape>>> => readBody(req.raw, schema, maxBytes);

export interface RouterOptions {
  /** A message as the page shows it. */
  readonly worded: (message: string) => string;
  /** Told of errors that are bugs. */
  readonly onError: (error: unknown) => void;
}

export function createRouter({ worded, onError }: RouterOptions): StudioRouter {
  const router: StudioRouter = new Hono();
  router.use(({ req }, next) => speaking(preferred(req.header('accept-language')), next));
  router.use(async ({ req, var: { client } }, next) => {
    if (!client.mayUseStudio)
      throw new ApiError(403, say`this key is not for the studio; set "studio": true in the file of keys`);
    checkOrigin(req.raw);
    await next();
  });
  router.onError((error, c) => {
    const { status, body } = problemOf(error, worded);
    c.get('record').failed(new ApiError(status === 409 ? 400 : status, body.error.message));
    if (status === 500) onError(error);
    const headers = error instanceof ApiError ? error.details.headers : undefined;
    return c.json(body, status, { ...headers });
  });
  return router;
}

/**
 * Refuses what another site's page could send: a form, which has no JSON, and whatever the browser says is from
 * elsewhere. No answer allows other origins to read it.
 */
function checkOrigin({ method, url, headers }: Request): void {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const isOther = site === 'cross-site' || site === 'same-site';
  if (isOther || (origin !== null && origin !== new URL(url).origin))
    throw new ApiError(403, say`the studio answers its own page alone`);
  if (method === 'GET' || method === 'HEAD') return;
  const type = headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new ApiError(415, say`the content type is ${JSON.stringify(type)}; send application/json`);
}

function problemOf(
  error: unknown,
  worded: RouterOptions['worded'],
): { status: ApiError['status'] | 409; body: ApiProblem } {
  if (error instanceof PromptuneError && !(error instanceof ApiError)) {
    const { code } = error;
    const message = worded(error.message);
    const problems =
      error instanceof UsageError
        ? error.problems.map(({ path, message }) => ({
            param: path.map(String).join('.'),
            message: worded(message),
          }))
        : [];
    const place = error instanceof FileError ? error.place : undefined;
    const param = problems[0]?.param ?? place ?? null;
    const status = code === 'not-found' ? 404 : code === 'already-exists' ? 409 : 400;
    return { status, body: { error: { message, param, code, ...(problems.length > 0 && { problems }) } } };
  }
  const { status, body } = apiErrorOf(error);
  const { message, param, code } = body.error;
  return { status, body: { error: { message, param, code } } };
}
