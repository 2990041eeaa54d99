/** @file Errors as plain JSON, from a process to its parent or from a machine to another. */
import { type ErrorCode, type Problem, PromptuneError, UsageError } from '../../errors.js';

export interface JobError {
  /** The message; for unexpected errors the stack. */
  readonly message: string;
  readonly isUsage: boolean;
  readonly code?: ErrorCode;
  readonly problems?: readonly Problem[];
}

export function errorAsJson(error: unknown): JobError {
  const { message, stack = message } = error as Error;
  if (!(error instanceof PromptuneError)) return { message: stack, isUsage: false };
  const { code } = error;
  return error instanceof UsageError
    ? { message, isUsage: true, code, problems: error.problems }
    : { message, isUsage: false, code };
}

export function errorFromJson({ message, isUsage, code, problems = [] }: JobError): PromptuneError {
  if (!isUsage) return new PromptuneError(message, { code });
  return new UsageError(problems.length > 0 ? problems : message, { code });
}
