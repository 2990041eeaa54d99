/** @file Reads YAML, with a FileError for every fault. */
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { FileError } from '../errors.js';
import { say } from '../say.js';

/** Maximum number of characters of a settings file; a larger file must be something else. */
const maxLength = 2 ** 20;

/**
 * What settings never have, and what the parser cannot bear: it recurses, where a stack that runs out within V8's
 * compiler of regular expressions ends the process; and nested keys after `?` take time that grows with their cube.
 */
const mostOpenBrackets = 200;
const mostExplicitKeys = 100;
const tooDeep = /^[ \t]*(?:[-?:][ \t]+){20}|^[ \t]{400}|^[ \t]{100,}\?\s/m;
const explicitKey = /^[ \t]*(?:[-?:][ \t]+)*?\?(?=\s)/gm;

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
    const problem = say`expected ${format} of at most ${maxLength} characters, found ${text.length}`;
    throw new FileError(path, undefined, problem);
  }
  if (isNestedTooDeeply(text))
    throw new FileError(path, undefined, say`it is not valid ${format}: it is nested too deeply`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'error',
      uniqueKeys: false, // the parser compares each with each
    });
    const [problem] = document.errors;
    if (problem) throw problem;
    checkKeys(document);
    return { document, lines, values: document.toJS() };
  } catch (cause) {
    throw new FileError(path, placeOf(cause, lines), say`it is not valid ${format}: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

/** @throws an error with its position, as the parser's, for a key that is there twice */
function checkKeys(document: Document): void {
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value))
          throw Object.assign(new Error(say`the key ${JSON.stringify(key.value)} is there twice`), {
            pos: key.range,
          });
        seen.add(key.value);
      }
    },
  });
}

/** Also counts what stands in quotes, of which a file of settings has less. */
function isNestedTooDeeply(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = bracket === '[' || bracket === '{' ? open + 1 : Math.max(0, open - 1);
    if (open > mostOpenBrackets) return true;
  }
  let keys = 0;
  for (const _ of text.matchAll(explicitKey)) if (++keys > mostExplicitKeys) return true;
  return tooDeep.test(text);
}

/** The line of a parser's error; other errors, such as those about aliases, have none. */
function placeOf(cause: unknown, lines: LineCounter): string | undefined {
  const position = (cause as { pos?: [number, number] }).pos?.[0];
  return position === undefined ? undefined : say`line ${lines.linePos(position).line}`;
}

const reasonOf = (cause: unknown): string =>
  cause instanceof RangeError ? say`it is nested too deeply` : (cause as Error).message;
