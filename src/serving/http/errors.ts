/** @file Errors in the shape that OpenAI's clients read, with the statuses that they act on. */
import { type ErrorCode, FileError, PromptuneError, UsageError } from '../../errors.js';
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

/** An answer that is an error. */
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

/** What can be wrong with a request, besides its options. */
const requestCodes: readonly ErrorCode[] = ['unsupported', 'invalid-data', 'too-long'];

/**
 * What a client is told. Clients try again after a 5xx, so what would fail again says that it is not worth it; of a bug
 * they learn nothing but that it was one.
 */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof ContextLengthError)
    return new ApiError(400, error.message, { code: 'context_length_exceeded' });
  if (error instanceof OverloadedError)
    return new ApiError(503, error.message, {
      type: 'server_error',
      code: 'overloaded',
      headers: { 'retry-after': '1', ...(error.reason === 'draining' && { connection: 'close' }) },
    });
  if (error instanceof UsageError) {
    const param = error.problems[0]?.path.join('.');
    return new ApiError(400, error.message, { ...(param && { param }) });
  }
  // A chat template refuses a conversation as unsupported; a file is the server's own affair.
  const isOfRequest = error instanceof PromptuneError && requestCodes.includes(error.code);
  if (isOfRequest && !(error instanceof FileError)) return new ApiError(400, error.message);
  if (error instanceof PromptuneError && error.code === 'unavailable')
    return new ApiError(503, error.message, { type: 'server_error', code: 'unavailable' });
  return new ApiError(500, 'something went wrong in the server', {
    type: 'server_error',
    headers: { 'x-should-retry': 'false' },
  });
}

export const modelNotFound = (id: string) =>
  new ApiError(404, `the model ${JSON.stringify(id)} does not exist`, {
    param: 'model',
    code: 'model_not_found',
  });
