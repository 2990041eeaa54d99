/** @file Reads YAML, with a FileError for every fault. */
import { type Document, LineCounter, parseDocument } from 'yaml';
import { FileError } from '../errors.js';

/** Maximum number of characters of a settings file; a larger file must be something else. */
const maxLength = 2 ** 22;

export interface YamlFile {
  /** Has the range of every node; `lines` converts it to a line. */
  readonly document: Document;
  readonly lines: LineCounter;
  /** The values, as JSON would have them. */
  readonly values: unknown;
}

/**
 * @param path the file that contains `text`, for errors
 * @param format the file's possible formats, for errors; JSON is YAML as well
 * @throws FileError with the line if it is not YAML, or with the problem if it has too many aliases, is nested too
 *   deeply or is too long
 */
export function parseYaml(text: string, path: string, format = 'YAML'): YamlFile {
  if (text.length > maxLength) {
    const problem = `expected ${format} of at most ${maxLength} characters, found ${text.length}`;
    throw new FileError(path, undefined, problem);
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const [problem] = document.errors;
    if (problem) throw problem;
    return { document, lines, values: document.toJS() };
  } catch (cause) {
    throw new FileError(path, placeOf(cause, lines), `it is not valid ${format}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** The line of a parser's error; other errors, such as those about aliases, have none. */
function placeOf(cause: unknown, lines: LineCounter): string | undefined {
  const position = (cause as { pos?: [number, number] }).pos?.[0];
  return position === undefined ? undefined : `line ${lines.linePos(position).line}`;
}

const reasonOf = (cause: unknown): string =>
  cause instanceof RangeError ? 'it is nested too deeply' : (cause as Error).message;
