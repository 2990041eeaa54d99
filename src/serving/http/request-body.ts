/** @file Parses the body of a request by its schema, or throws an error that names the invalid field. */

import type * as z from 'zod';
import { said, say } from '../../say.js';
import { ApiError } from './errors.js';
import { unsupported } from './schemas.js';

/** @throws ApiError naming the first field that is invalid, or that is not supported and would change the answer */
export async function readBody<Shape extends z.ZodRawShape>(
  request: Request,
  schema: z.ZodObject<Shape>,
  maxBytes: number,
): Promise<z.output<z.ZodObject<Shape>>> {
  const type = request.headers.get('content-type') ?? '';
  // Another site's page can send a form to this machine, but no JSON. curl declares all data to be a form.
  if (!/^application\/json\b/i.test(type) && request.headers.has('origin'))
    throw new ApiError(415, say`the body is ${JSON.stringify(type)}; send application/json`);
  const text = await textOf(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ApiError(400, say`the body is not JSON`);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw fieldError(path.map(String).join('.'), said(message));
  }
  for (const [name, value] of Object.entries(body as object)) {
    if (value === null || Object.hasOwn(schema.shape, name)) continue;
    if (Object.hasOwn(unsupported, name) && !unsupported[name]!(value)) throw unsupportedField(name);
  }
  return parsed.data;
}

/** Reads the body while counting bytes: a chunked one does not announce its length. */
async function textOf({ headers, body }: Request, maxBytes: number): Promise<string> {
  const tooLarge = new ApiError(413, say`the body has more than ${maxBytes} bytes`);
  if (Number(headers.get('content-length') ?? 0) > maxBytes) throw tooLarge;
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (const reader = body?.getReader(); reader; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) throw tooLarge;
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/** An error for an invalid field; '' for the body as a whole. */
export const fieldError = (param: string, message: string) =>
  param === '' ? new ApiError(400, message) : new ApiError(400, say`${param}: ${message}`, { param });

const unsupportedField = (param: string, remedy = say`leave it out`) =>
  new ApiError(400, say`${param} is not supported here; ${remedy}`, { param, code: 'unsupported_parameter' });
