/**
 * @file Python's notation of lists and dicts, as `str()` writes them and as CSV files of pandas and NumPy have them:
 * `['a', 'b']`, `{'text': array(['a'], dtype=object)}`, and NumPy's lists without commas.
 */
import { numberOf } from './numeral.js';

class NoLiteral extends Error {}

const maxDepth = 64;
const space = /\s*/y;
const quoted = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/sy;
const number = /[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan\b|inf\b)/y;
const word = /None\b|True\b|False\b/y;
// array(…, dtype=object), np.float64(…), np.str_('…'): values of NumPy, as its second version prints them.
const call = /(?:np\.|numpy\.)?(?:array|str_|bool_?|u?int\d*|float\d*)\(/y;
const type = /,\s*dtype=(?:[\w.]+|'[^']*')/y;

const words: Readonly<Record<string, unknown>> = { None: null, True: true, False: false };

/**
 * What a list or a dict in Python's notation holds, with tuples as lists; undefined for any other text, and where it
 * could mean several things, or NumPy left something out (`...`).
 */
export function parsePythonLiteral(text: string): unknown {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
  /** Takes white space, and `mark` if that comes next. */
  const skip = (mark: string): boolean => {
    take(space);
    const isNext = text[at] === mark;
    if (isNext) at++;
    return isNext;
  };
  const need = (mark: string) => {
    if (!skip(mark)) throw new NoLiteral();
  };

  /** Items with commas between all of them, or with none, as NumPy writes them. */
  function list(close: string, depth: number): unknown[] {
    const items: unknown[] = [];
    let commas = 0;
    while (!skip(close)) {
      items.push(value(depth));
      if (skip(',')) commas++;
      else if (commas > 0 && text[at] !== close) throw new NoLiteral();
      else if (close === ')' && commas === 0) throw new NoLiteral(); // a value in parentheses
    }
    if (commas > 0 && items.length - commas > 1) throw new NoLiteral();
    return items;
  }

  function dict(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!skip('}')) {
      const key = value(depth);
      if (typeof key === 'object') throw new NoLiteral();
      need(':');
      entries.push([String(key), value(depth)]);
      if (!skip(',') && text[at] !== '}') throw new NoLiteral();
    }
    return Object.fromEntries(entries);
  }

  function value(depth: number): unknown {
    if (depth > maxDepth) throw new NoLiteral();
    if (skip('[')) return list(']', depth + 1);
    if (skip('(')) return list(')', depth + 1);
    if (skip('{')) return dict(depth + 1);
    const string = take(quoted);
    if (string !== undefined) return unescaped(string.slice(1, -1));
    const name = take(word);
    if (name !== undefined) return words[name];
    if (take(call) !== undefined) {
      const inner = value(depth + 1);
      take(space);
      take(type);
      need(')');
      return inner;
    }
    const written = take(number);
    if (written === undefined) throw new NoLiteral();
    return numberOf(written.replaceAll('_', '').replace(/^\+/, ''));
  }

  try {
    const found = value(0);
    take(space);
    return at === text.length && typeof found === 'object' && found !== null ? found : undefined;
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};

/** The text of a string by Python's escapes; a backslash before anything else is itself. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const escaped = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|(.))/gs;
  return text.replace(escaped, (whole, x, u, long, octal, mark?: string) => {
    const code = x ?? u ?? long;
    if (code !== undefined) return codePoint(Number.parseInt(code, 16));
    if (octal !== undefined) return codePoint(Number.parseInt(octal, 8));
    if (mark === 'N' || mark === 'x' || mark === 'u' || mark === 'U') throw new NoLiteral();
    return simple[mark!] ?? (/['"\\]/.test(mark!) ? mark! : whole);
  });
}

function codePoint(code: number): string {
  if (code > 0x10ffff) throw new NoLiteral();
  return String.fromCodePoint(code);
}
