/** @file Reading YAML, with a FileError for all that can be wrong with it. */
import { type Document, LineCounter, parseDocument } from 'yaml';
import { FileError } from '../errors.js';

/** What a file of settings has at most, in characters: a larger one is something else. */
const maxLength = 2 ** 22;

export interface YamlFile {
  /** With the range of every node; `lines` tells the line of one. */
  readonly document: Document;
  readonly lines: LineCounter;
  /** What JSON would be of it. */
  readonly values: unknown;
}

/**
 * @param path the file that holds `text`, for errors
 * @param format what the file may be written in, for errors; JSON is YAML as well
 * @throws FileError with the line where it is not YAML, or one with its problem where it has too many aliases, is
 *   nested too deeply or is too long
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

/** The line of an error of the parser; other errors, such as those of aliases, have none. */
function placeOf(cause: unknown, lines: LineCounter): string | undefined {
  const position = (cause as { pos?: [number, number] }).pos?.[0];
  return position === undefined ? undefined : `line ${lines.linePos(position).line}`;
}

const reasonOf = (cause: unknown): string =>
  cause instanceof RangeError ? 'it is nested too deeply' : (cause as Error).message;
