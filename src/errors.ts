/** @file The errors that Promptune throws on purpose. Each says what is wrong, what was expected and what to do. */
import { say } from './say.js';
import { withoutSecrets } from './secrets.js';

/**
 * What kind of thing went wrong, for programs; `message` is for people.
 * - `invalid-option`: an option is missing, has an invalid value, or does not go with another
 * - `unknown-name`: no method, metric, device, adapter or preset has this name
 * - `not-found`: there is no such file, folder, model, data set or run
 * - `already-exists`: the target of a write exists already
 * - `damaged-file`: a file is truncated, corrupt or of the wrong kind
 * - `invalid-data`: rows, a record or a text cannot be used: empty, without a field that is needed, or without a label
 * - `too-long`: a text, a prompt or the virtual tokens do not fit into the model's context
 * - `incompatible`: an adapter, a checkpoint or token ids were made for another model
 * - `unsupported`: valid, but this model, adapter, device or build cannot do it
 * - `unavailable`: a service (the Hub, an endpoint) could not be reached or refused, or a run is in use elsewhere
 * - `diverged`: training met a loss, gradient or tensor that is not finite
 * - `failed`: everything else
 */
export type ErrorCode =
  | 'invalid-option'
  | 'unknown-name'
  | 'not-found'
  | 'already-exists'
  | 'damaged-file'
  | 'invalid-data'
  | 'too-long'
  | 'incompatible'
  | 'unsupported'
  | 'unavailable'
  | 'diverged'
  | 'failed';

/** One problem with the options of a call or with a configuration. */
export interface Problem {
  /** The option's path, such as `['optimizer', 'weightDecay']`; empty for the options as a whole. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The configuration file that the option was read from. */
  readonly file?: string;
  readonly line?: number;
}

export interface PromptuneErrorOptions extends ErrorOptions {
  readonly code?: ErrorCode;
}

/** Base class of Promptune's errors: a bad file, tensor or value. The CLI prints the message and exits with 1. */
export class PromptuneError extends Error {
  override readonly name: string = 'PromptuneError';
  /** Default `failed`; for a UsageError `invalid-option`, for a FileError `damaged-file`. */
  readonly code: ErrorCode;

  constructor(message: string, { code = 'failed', ...options }: PromptuneErrorOptions = {}) {
    super(withoutSecrets(message), options);
    this.code = code;
  }
}

/** The call itself is wrong: an unknown option, a value out of range. The CLI prints the message and exits with 2. */
export class UsageError extends PromptuneError {
  override readonly name = 'UsageError';
  /** All problems, by option; empty if the message is about no option. */
  readonly problems: readonly Problem[];

  /**
   * @param what a message, or the problems it lists
   * @param options with `of`, whose options they are, such as a method's: the message begins with it
   */
  constructor(
    what: string | readonly Problem[],
    { code = 'invalid-option', of, ...options }: PromptuneErrorOptions & { of?: string } = {},
  ) {
    const message = typeof what === 'string' ? what : what.map(describeProblem).join(say`; `);
    super(of === undefined ? message : say`${of}: ${message}`, { code, ...options });
    this.problems = typeof what === 'string' ? [] : what;
  }
}

/** A UsageError about one option. */
export function optionError(option: string, message: string, options?: PromptuneErrorOptions): UsageError {
  return new UsageError([{ path: option.split('.'), message }], options);
}

/** "pairs.yaml (line 3): optimizer.weightDecay: expected …" */
export function describeProblem({ path, message, file, line }: Problem): string {
  const place = file === undefined ? [] : [line === undefined ? file : say`${file} (line ${line})`];
  const option = path.map(String).join('.');
  return [...place, ...(option === '' ? [] : [option]), message].join(say`: `);
}

/** A file is missing, truncated, corrupt or invalid. `path` is the file; `place` a line, field or tensor in it. */
export class FileError extends PromptuneError {
  override readonly name = 'FileError';

  constructor(
    readonly path: string,
    readonly place: string | undefined,
    readonly problem: string,
    { code = 'damaged-file', ...options }: PromptuneErrorOptions = {},
  ) {
    super(place === undefined ? say`${path}: ${problem}` : say`${path} (${place}): ${problem}`, {
      code,
      ...options,
    });
  }
}
