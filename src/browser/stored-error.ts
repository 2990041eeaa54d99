/** @file An error as a message holds it, so that a page can tell a UsageError from a FileError as Node.js does. */
import { type ErrorCode, FileError, type Problem, PromptuneError, UsageError } from '../errors.js';

export type StoredError =
  | {
      readonly kind: 'usage';
      readonly message: string;
      readonly code: ErrorCode;
      readonly problems: readonly Problem[];
    }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly place?: string;
      readonly problem: string;
      readonly code: ErrorCode;
    }
  | { readonly kind: 'promptune'; readonly message: string; readonly code: ErrorCode }
  | { readonly kind: 'other'; readonly name: string; readonly message: string; readonly stack?: string };

export function storedError(error: unknown): StoredError {
  if (error instanceof FileError) {
    const { path, place, problem, code } = error;
    return { kind: 'file', path, place, problem, code };
  }
  if (error instanceof UsageError) {
    const { message, code, problems } = error;
    return { kind: 'usage', message, code, problems };
  }
  if (error instanceof PromptuneError) return { kind: 'promptune', message: error.message, code: error.code };
  const { name = 'Error', message = String(error), stack } = (error ?? {}) as Partial<Error>;
  return { kind: 'other', name, message, stack };
}

export function thrownError(stored: StoredError): Error {
  switch (stored.kind) {
    case 'file':
      return new FileError(stored.path, stored.place, stored.problem, { code: stored.code });
    case 'usage':
      return Object.assign(new UsageError(stored.message, { code: stored.code }), {
        problems: stored.problems,
      });
    case 'promptune':
      return new PromptuneError(stored.message, { code: stored.code });
    case 'other':
      return Object.assign(new Error(stored.message), {
        name: stored.name,
        ...(stored.stack !== undefined && { stack: stored.stack }),
      });
  }
}
