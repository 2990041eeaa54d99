/**
 * @file Splits a Jinja template into texts and tags, and tags into tokens, with the white space settings of
 *   transformers: trim_blocks (no line break after a block) and lstrip_blocks (no spaces before a block that begins its
 *   line).
 */
import { say } from '../../say.js';

/** A fault in a template, with its place. */
export class JinjaSyntaxError extends Error {
  constructor(
    message: string,
    /** Characters from the beginning of the template. */
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Something begins at the place and has no end. */
export class JinjaUnclosedError extends JinjaSyntaxError {}

export type Token =
  | { type: 'text'; value: string; at: number }
  | { type: 'name' | 'operator'; value: string; at: number }
  | { type: 'string'; value: string; at: number }
  | { type: 'integer'; value: bigint; at: number }
  | { type: 'float'; value: number; at: number }
  | { type: 'output begin' | 'output end' | 'block begin' | 'block end' | 'end'; value: string; at: number };

const pythonSpace = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const endingSpace = new RegExp(`${pythonSpace}+$`);
const spaces = new RegExp(`${pythonSpace}*`, 'y');
const onlySpace = new RegExp(`^${pythonSpace}+$`);

const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy;
const float = /\d+(?:_\d+)*(?:(?:\.\d+(?:_\d+)*)?[eE][+-]?\d+(?:_\d+)*|\.\d+(?:_\d+)*)/y;
const integer = /0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\da-fA-F])+|[1-9](?:_?\d)*|0(?:_?0)*/y;
const string = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;
const operator = /\/\/|\*\*|==|!=|<=|>=|[-+/*%~[\](){}<>=.:|,;]/y;
const rawEnd = /\{%([-+]?)\s*endraw\s*(\+%\}|-%\}\s*|%\}\n?)/g;

/** @throws JinjaSyntaxError */
export function tokenize(template: string): Token[] {
  const source = template.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '');
  const tokens: Token[] = [];
  let at = 0;
  let isLineStart = true;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const addText = (text: string, mark: string, isBlock: boolean, start: number) => {
    let kept = text;
    if (mark === '-') kept = text.replace(endingSpace, '');
    else if (mark !== '+' && isBlock) {
      const line = text.lastIndexOf('\n') + 1;
      if ((line > 0 || isLineStart) && onlySpace.test(text.slice(line))) kept = text.slice(0, line);
    }
    if (kept !== '') tokens.push({ type: 'text', value: kept, at: start });
  };

  while (at < source.length) {
    const rest = source.slice(at).search(/\{[{%#]/);
    if (rest < 0) {
      addText(source.slice(at), '+', false, at);
      break;
    }
    const start = at + rest;
    const kind = source[start + 1]!;
    const mark = /^[-+]/.exec(source.slice(start + 2, start + 3))?.[0] ?? '';
    addText(source.slice(at, start), kind === '{' && mark === '+' ? '' : mark, kind !== '{', at);
    at = start + 2 + (kind === '{' && mark === '+' ? 0 : mark.length);
    if (kind === '#') {
      const end = /(\+#\}|-#\}\s*|#\}\n?)/g;
      end.lastIndex = at;
      const found = end.exec(source);
      if (!found) throw new JinjaUnclosedError(say`a comment that begins here is never closed`, start);
      at = end.lastIndex;
      isLineStart = found[0].endsWith('\n');
      continue;
    }
    const raw = kind === '%' ? /\s*raw\s*(?:-%\}\s*|%\})/y : undefined;
    if (raw && match(raw)) {
      const from = raw.lastIndex;
      rawEnd.lastIndex = from;
      const end = rawEnd.exec(source);
      if (!end) throw new JinjaUnclosedError(say`a {% raw %} that begins here is never closed`, start);
      isLineStart = source[from - 1] === '\n';
      addText(source.slice(from, end.index), end[1]!, true, from);
      at = rawEnd.lastIndex;
      isLineStart = end[0].endsWith('\n');
      continue;
    }
    tokens.push({ type: kind === '{' ? 'output begin' : 'block begin', value: '', at: start });
    const closing = kind === '{' ? /-\}\}\s*|\}\}/y : /\+%\}|-%\}\s*|%\}\n?/y;
    readTag(closing, kind === '{' ? 'output end' : 'block end', start);
  }
  tokens.push({ type: 'end', value: '', at: source.length });
  return tokens;

  function readTag(closing: RegExp, end: 'output end' | 'block end', start: number): void {
    const open: string[] = [];
    for (;;) {
      at += match(spaces)![0].length;
      const here = at;
      const take = (found: RegExpExecArray) => {
        at += found[0].length;
        return found[0];
      };
      const closes = open.length === 0 ? match(closing) : null;
      if (closes) {
        const value = take(closes);
        isLineStart = value.endsWith('\n');
        tokens.push({ type: end, value, at: here });
        return;
      }
      if (at >= source.length)
        throw new JinjaUnclosedError(say`a tag or a quote that begins here is never closed`, start);
      const number = match(float);
      const whole = number ? null : match(integer);
      const word = match(name);
      const quoted = match(string);
      const sign = match(operator);
      if (number) tokens.push({ type: 'float', value: Number(take(number).replaceAll('_', '')), at: here });
      else if (whole)
        tokens.push({ type: 'integer', value: BigInt(take(whole).replaceAll('_', '')), at: here });
      else if (word) tokens.push({ type: 'name', value: take(word), at: here });
      else if (quoted)
        tokens.push({ type: 'string', value: withoutEscapes(take(quoted).slice(1, -1)), at: here });
      else if (sign) {
        const value = take(sign);
        if ('([{'.includes(value)) open.push(value);
        else if (')]}'.includes(value) && open.pop() !== { ')': '(', ']': '[', '}': '{' }[value])
          throw new JinjaSyntaxError(say`unexpected ${JSON.stringify(value)}`, here);
        tokens.push({ type: 'operator', value, at: here });
      } else if (/['"]/.test(source[at]!))
        throw new JinjaUnclosedError(say`a tag or a quote that begins here is never closed`, start);
      else throw new JinjaSyntaxError(say`unexpected ${JSON.stringify(source[at])}`, here);
    }
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** Replaces Python's escape sequences in a string. */
function withoutEscapes(text: string): string {
  const pattern = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gs;
  return text.replace(pattern, (whole, x, u, long, octal, other) => {
    const hex = x ?? u ?? long;
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    return escapes[other] ?? whole;
  });
}
