/**
 * @file The encoding of text files: UTF-8 is read as it is; UTF-16 and encodings that the user names are first
 *   converted to UTF-8; others are refused by name.
 */
import type { OpenFile } from '#platform';
import { FileError, optionError } from '../errors.js';
import { readChunks } from '../formats/read-chunks.js';
import { said, say } from '../say.js';
import { openTemporary } from './temporary-file.js';

/** How files of text are read. */
export interface FileOptions {
  /**
   * The encoding of text files that begin without a byte order mark, by any name that TextDecoder knows, such as
   * `latin1`, `gbk`, `big5` or `shift_jis`. Default: UTF-8, or UTF-16 if the bytes look like it.
   */
  encoding?: string;
  /** Names of the columns of .csv and .tsv files that have no header. Default: the first row names them. */
  columns?: readonly string[];
  /**
   * Whether the first row of .csv and .tsv files names the columns. Default true without `columns`; if false, they are
   * `column1`, `column2`, …
   */
  header?: boolean;
}

export interface ReadOptions extends FileOptions {
  signal?: AbortSignal;
}

/** Those of the options. */
export const fileOptionsOf = ({ encoding, columns, header }: FileOptions): FileOptions => ({
  encoding,
  columns,
  header,
});

/** Whether TextDecoder knows an encoding by this name. */
export function isEncoding(name: string): boolean {
  try {
    return new TextDecoder(name) !== undefined;
  } catch {
    return false;
  }
}

/** The message for an unknown encoding. */
export const encodingExpected =
  'expected the name of an encoding, such as latin1, windows-1251, gbk, big5, shift_jis or utf-16le';

/**
 * The file as UTF-8: itself, or a temporary copy if it has another encoding; the file is then closed.
 * @param head the file's first bytes
 * @throws UsageError for an unknown encoding; FileError for UTF-32, and for bytes that cannot be text
 */
export async function inUtf8(
  file: OpenFile,
  head: Uint8Array,
  path: string,
  { encoding: given, signal }: ReadOptions,
): Promise<OpenFile> {
  if (given !== undefined && !isEncoding(given)) throw optionError('encoding', said(encodingExpected));
  const encoding = encodingOf(head, path, given);
  if (encoding === 'utf-8') return file;
  const decoder = new TextDecoder(encoding, { fatal: true });
  const encoder = new TextEncoder();
  const copy = await openTemporary();
  try {
    const append = (text: string) =>
      copy.append(encoder.encode(encoding === 'windows-1252' ? withoutControls(text) : text));
    for await (const chunk of readChunks(file, { signal }))
      await append(decoder.decode(chunk, { stream: true }));
    await append(decoder.decode());
    await file.close();
    return copy;
  } catch (error) {
    await copy.close();
    if (!(error instanceof TypeError)) throw error;
    const problem =
      given === undefined
        ? say`it begins as ${encoding.toUpperCase()} text, and goes on with bytes that are none; save
          the file as UTF-8`
        : say`it has bytes that are no text in the encoding ${given}; name the encoding that it is in`;
    throw new FileError(path, undefined, problem, { cause: error });
  }
}

// The characters of the bytes 0x80 to 0x9f in Windows-1252.
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Some versions of Node (22 to 24) decode Windows-1252 as ISO-8859-1, which has control characters in their place. */
const withoutControls = (text: string) =>
  text.replace(/[\u0080-\u009f]/g, (control) => windows1252[control.charCodeAt(0) - 0x80]!);

/** A byte order mark takes precedence over the given encoding, and that over what the bytes look like. */
function encodingOf(head: Uint8Array, path: string, given?: string): string {
  const [a, b, c, d] = head;
  const isUtf32 =
    (a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff);
  if (isUtf32) throw new FileError(path, undefined, say`this is UTF-32 text; save the file as UTF-8`);
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (given !== undefined) return new TextDecoder(given).encoding;
  if (!head.includes(0)) return 'utf-8';
  // In UTF-16, each ASCII character has a zero next to its own byte.
  const ascii = { 'utf-16le': 0, 'utf-16be': 0 };
  for (let i = 0; i + 1 < head.length; i += 2) {
    if (head[i + 1] === 0 && isAscii(head[i]!)) ascii['utf-16le']++;
    if (head[i] === 0 && isAscii(head[i + 1]!)) ascii['utf-16be']++;
  }
  const [likely, other] =
    ascii['utf-16le'] > ascii['utf-16be']
      ? (['utf-16le', 'utf-16be'] as const)
      : (['utf-16be', 'utf-16le'] as const);
  // Chinese in UTF-16 has few zeros, and is no UTF-8; ASCII in UTF-16 is UTF-8 as well, and half of it zeros.
  const isUtf8 = decodes(head, 'utf-8');
  const least = isUtf8 ? 0.25 : 0.01;
  if (ascii[likely] > 10 * ascii[other] && ascii[likely] > least * head.length && decodes(head, likely))
    return likely;
  if (isUtf8) return 'utf-8'; // a zero is a character, if a strange one
  throw new FileError(
    path,
    undefined,
    say`this is not text: it has zero bytes; expected a text file in UTF-8`,
  );
}

const isAscii = (byte: number) => byte > 0 && byte < 0x80;

/** Whether the bytes are text in an encoding; they may end within a character. */
function decodes(bytes: Uint8Array, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws FileError if the bytes are not UTF-8, naming what they may be */
export function utf8Text(bytes: Uint8Array, { path, place }: { path: string; place: string }): string {
  try {
    return utf8.decode(bytes);
  } catch {
    const { called, name } = likelyEncoding(bytes);
    const problem = say`this is not UTF-8 text; it may be ${called}. Name its encoding (the option encoding, such as
      ${name}), or save the file as UTF-8`;
    throw new FileError(path, place, problem);
  }
}

/** The likely encoding of one- or two-byte text, as a hint for people: it cannot be determined with certainty. */
function likelyEncoding(bytes: Uint8Array): { called: string; name: string } {
  const high = bytes.filter((byte) => byte >= 0x80).length;
  const isDouble = high >= 4 && decodes(bytes, 'gb18030') && decodes(bytes, 'gbk');
  if (isDouble) return { called: 'GBK or GB18030 (Chinese), Big5, Shift JIS or EUC-KR', name: 'gb18030' };
  return { called: 'Latin-1 or Windows-1252 (Western European)', name: 'latin1' };
}
