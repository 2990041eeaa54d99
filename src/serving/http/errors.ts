/** @file Errors in the format of OpenAI's API, with the statuses that its clients act on. */

import { type ErrorCode, FileError, PromptuneError, UsageError } from '../../errors.js';
import { say } from '../../say.js';
import { ContextLengthError, OverloadedError } from '../engine/requests.js';

type Status = 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503;

export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** An error response. */
export class ApiError extends Error {
  constructor(
    readonly status: Status,
    message: string,
    readonly details: {
      readonly type?: string;
      readonly param?: string;
      readonly code?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
  }

  get body(): ErrorBody {
    const { type = 'invalid_request_error', param = null, code = null } = this.details;
    return { error: { message: this.message, type, param, code } };
  }
}

/** The error codes that are a request's fault, besides invalid options. */
const requestCodes: readonly ErrorCode[] = ['unsupported', 'invalid-data', 'too-long'];

/**
 * The error that a client gets to see. Clients retry after a 5xx, so errors that would recur tell them not to; a bug's
 * details are not disclosed.
 */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ContextLengthError)
    return new ApiError(400, error.message, { code: 'context_length_exceeded' });
  if (error instanceof OverloadedError)
    return new ApiError(503, error.message, {
      type: 'server_error',
      code: 'overloaded',
      headers: {
        'retry-after': `${error.retryAfter}`,
        ...(error.reason === 'draining' && { connection: 'close' }),
      },
    });
  if (error instanceof UsageError) {
    const [problem] = error.problems;
    const param = problem?.path.join('.');
    if (param === 'jsonSchema')
      return new ApiError(400, `response_format: ${problem!.message}`, { param: 'response_format' });
    return new ApiError(400, error.message, { ...(param && { param }) });
  }
  // A chat template rejects a conversation as unsupported; faults in files are the server's own.
  const isOfRequest = error instanceof PromptuneError && requestCodes.includes(error.code);
  if (isOfRequest && !(error instanceof FileError)) return new ApiError(400, error.message);
  if (error instanceof PromptuneError && error.code === 'unavailable')
    return new ApiError(503, error.message, { type: 'server_error', code: 'unavailable' });
  return new ApiError(500, say`something went wrong in the server`, {
    type: 'server_error',
    headers: { 'x-should-retry': 'false' },
  });
}

export const modelNotFound = (id: string) =>
  new ApiError(404, say`the model ${JSON.stringify(id)} does not exist`, {
    param: 'model',
    code: 'model_not_found',
  });
