/** @file Errors about data: those of the file system in plain words, and those of one record in a file or in memory. */
import { FileError, PromptuneError } from '../errors.js';

/** Where a record stands. `path` is missing for records that were given in memory. */
export interface Origin {
  readonly path?: string;
  /** `line 12` of a file, or `record 12` in memory. Both count from 1. */
  readonly place: string;
}

/** The error for something wrong with the record at `origin`. */
export function dataError(origin: Origin, problem: string): PromptuneError {
  return origin.path === undefined
    ? new PromptuneError(`${origin.place}: ${problem}`)
    : new FileError(origin.path, origin.place, problem);
}

const plainWords: Record<string, string> = {
  ENOENT: 'there is no such file; check the path',
  EISDIR: 'this is a folder, expected a file',
  ENOTDIR: 'a part of this path is a file, expected a folder',
  EACCES: 'no permission to read this file',
  ENOSPC: 'the disk is full',
};

/** The error for a failed file operation on `path`. */
export function fileSystemError(path: string, cause: unknown): FileError {
  return new FileError(path, undefined, plainWords[systemErrorCode(cause)] ?? String(cause), { cause });
}

/** `ENOENT` and the like, or an empty string. */
export function systemErrorCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
