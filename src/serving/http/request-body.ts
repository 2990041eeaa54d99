/** @file From the bytes of a request to a body that fits its schema, or the error that says what does not. */
import type { z } from 'zod';
import { ApiError } from './errors.js';
import { unsupported } from './schemas.js';

/** @throws ApiError that names the first field that is wrong, or that changes the answer and is not supported */
export async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const type = request.headers.get('content-type') ?? '';
  // A page of another site can send a form to this machine, but no JSON; curl says that a form is what it sends.
  if (!/^application\/json\b/i.test(type) && request.headers.has('origin'))
    throw new ApiError(415, `the body is ${JSON.stringify(type)}; send application/json`);
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    throw new ApiError(400, 'the body is not JSON');
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const param = path.map(String).join('.');
    throw new ApiError(400, param === '' ? message : `${param}: ${message}`, { ...(param && { param }) });
  }
  for (const [name, asksForNothing] of Object.entries(unsupported)) {
    const value = (body as Record<string, unknown>)[name];
    if (value === undefined || value === null || asksForNothing(value)) continue;
    throw new ApiError(400, `${name} is not supported here; leave it out`, {
      param: name,
      code: 'unsupported_parameter',
    });
  }
  const { stream, stream_options } = parsed.data as { stream?: unknown; stream_options?: unknown };
  if (stream_options && !stream)
    throw new ApiError(400, 'stream_options only means something with stream', { param: 'stream_options' });
  return parsed.data;
}
