/** @file The errors that Promptune throws on purpose. Each says what was given, what was expected and what to do. */

/** Something given to Promptune is wrong: a file, a tensor, a value. The CLI prints the message and exits with 1. */
export class PromptuneError extends Error {
  override readonly name: string = 'PromptuneError';
}

/** The call itself is wrong: an unknown option, a value out of range. The CLI prints the message and exits with 2. */
export class UsageError extends PromptuneError {
  override readonly name = 'UsageError';
}

/** A file is missing, truncated, corrupt or not what it should be. `path` is the file; `place` a line, field or tensor in it. */
export class FileError extends PromptuneError {
  override readonly name = 'FileError';

  constructor(
    readonly path: string,
    readonly place: string | undefined,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${path}${place === undefined ? '' : ` (${place})`}: ${problem}`, options);
  }
}
