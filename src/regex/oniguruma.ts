/**
 * @file Translates patterns of the tokenizers library to JavaScript: the library uses Oniguruma (its own syntax,
 *   Unicode), in which \s, \w and $ have other meanings. Constructs without an equivalent are refused, so that no
 *   pattern silently matches differently.
 */
import { say } from '../say.js';

/**
 * The pattern in JavaScript's syntax, for the flag v.
 * @throws Error naming the construct that is invalid or cannot be translated
 */
export function translatePattern(source: string): string {
  const translated = new Translator(source).whole();
  new RegExp(translated, 'v'); // throws for other faults
  return translated;
}

interface Options {
  readonly ignoreCase: boolean;
  /** Oniguruma's (?m): the dot also matches line breaks. */
  readonly dotAll: boolean;
  readonly extended: boolean;
  readonly inLookbehind: boolean;
}

const wordInClass = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}`;
/** Oniguruma's table for Latin-1 counts these as word characters, though a class [\w] does not. */
const word = String.raw`[${wordInClass}\u00B2\u00B3\u00B9\u00BC-\u00BE]`;
const graph = String.raw`[^\p{White_Space}\p{Cc}\p{Cn}\p{Cs}]`;

/** Escapes for one character, outside and inside a class. */
const characterTypes: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
  h: '[0-9a-fA-F]',
  H: '[^0-9a-fA-F]',
};

/** The content of POSIX brackets, and of properties with these names. */
const posixTypes: Readonly<Record<string, string>> = {
  alnum: String.raw`[\p{Alphabetic}\p{Nd}]`,
  alpha: String.raw`\p{Alphabetic}`,
  ascii: String.raw`[\0-\x7F]`,
  blank: String.raw`[\t\p{Zs}]`,
  cntrl: String.raw`\p{Cc}`,
  digit: String.raw`\p{Nd}`,
  graph,
  lower: String.raw`\p{Lowercase}`,
  print: String.raw`[${graph}\p{Zs}]`,
  punct: String.raw`[\p{P}\p{S}]`,
  space: String.raw`\p{White_Space}`,
  upper: String.raw`\p{Uppercase}`,
  word: `[${wordInClass}]`,
  xdigit: '[0-9a-fA-F]',
};

const anchors: Readonly<Record<string, string>> = {
  A: String.raw`(?<![\s\S])`,
  z: String.raw`(?![\s\S])`,
  Z: String.raw`(?=\n?(?![\s\S]))`,
  b: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  B: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
};

const controlCharacters: Readonly<Record<string, number>> = {
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  a: 7,
  e: 27,
};

/** Pairs of letters that match one character if case is ignored, such as the German sharp s. */
const foldedPairs = /^(?:ss|ff|fi|fl|st)$/;

class Translator {
  #at = 0;
  #atomics = 0;
  /** The last letter translated under (?i), for the pairs above. */
  #lastFolded = '';

  constructor(readonly source: string) {}

  whole(): string {
    const options = { ignoreCase: false, dotAll: false, extended: false, inLookbehind: false };
    const translated = this.#alternatives(options);
    if (this.#at < this.source.length) throw new Error(say`unmatched ) at ${this.#at}`);
    return translated;
  }

  #peek(text: string): boolean {
    return this.source.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.source);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #nextCharacter(): string {
    const point = this.source.codePointAt(this.#at);
    if (point === undefined) throw new Error(say`it ends too early`);
    const character = String.fromCodePoint(point);
    this.#at += character.length;
    return character;
  }

  /** Parses up to the end of the group, or of the pattern. */
  #alternatives(options: Options): string {
    let translated = '';
    this.#lastFolded = '';
    while (this.#at < this.source.length && !this.#peek(')')) {
      if (options.extended && this.#match(/\s+|#[^\n]*/y)) continue;
      if (this.#take('|')) {
        translated += '|';
        this.#lastFolded = '';
        continue;
      }
      const isolated = this.#match(/\(\?([imx]*)(?:-([imx]*))?\)/y);
      if (isolated) return `${translated}(?:${this.#alternatives(changed(options, isolated))})`;
      translated += this.#quantified(this.#atom(options), options);
    }
    return translated;
  }

  #quantified(atom: string, { extended, inLookbehind }: Options): string {
    let quantified = atom;
    for (;;) {
      if (extended && this.#match(/\s+|#[^\n]*/y)) continue;
      const simple = this.#match(/([*+?])([?+]?)/y);
      const interval = simple ? null : this.#match(/\{(\d*)(,?)(\d*)\}(\??)/y);
      if (!simple && (!interval || (interval[1] === '' && interval[3] === ''))) {
        if (interval) this.#at -= interval[0].length;
        return quantified;
      }
      this.#lastFolded = '';
      const inner = quantified === atom ? atom : `(?:${quantified})`;
      if (interval) {
        const [, least, comma, most, lazy] = interval;
        if (comma && most && Number(least) > Number(most)) throw new Error(say`the interval ${interval[0]}`);
        quantified = `${inner}{${least || 0}${comma}${most}}${lazy}`;
      } else if (simple![2] === '+') {
        quantified = this.#atomic(inner + simple![1], inLookbehind);
      } else {
        quantified = inner + simple![0];
      }
    }
  }

  /** Makes a match final, so that it is not retried in another way: a lookahead has this property. */
  #atomic(inner: string, inLookbehind: boolean): string {
    if (inLookbehind) throw new Error(say`an atomic group within a lookbehind`);
    const name = `atomic${this.#atomics++}`;
    return `(?:(?=(?<${name}>${inner}))\\k<${name}>)`;
  }

  #atom(options: Options): string {
    if (this.#peek('(')) return this.#group(options);
    if (this.#peek('[')) {
      this.#lastFolded = '';
      return this.#characterClass(options);
    }
    if (this.#peek('\\')) return this.#escape(options);
    const character = this.#nextCharacter();
    if ('*+?'.includes(character)) throw new Error(say`nothing to repeat before ${character}`);
    if (character === '.') return options.dotAll ? String.raw`[\s\S]` : String.raw`[^\n]`;
    if (character === '^') return String.raw`(?:(?<![\s\S])|(?<=\n)(?=[\s\S]))`;
    if (character === '$') return String.raw`(?![^\n])`;
    return this.#literal(character, options);
  }

  #literal(character: string, { ignoreCase }: Options): string {
    if (!ignoreCase) return escaped(character);
    const variants = caseVariants(character);
    const folded = character.toLowerCase();
    const pair = this.#lastFolded + folded;
    this.#lastFolded = folded;
    if (foldedPairs.test(pair.replace('ſ', 's')))
      throw new Error(say`(?i) with "${pair}", which a single character may stand for`);
    return variants.length === 1 ? escaped(character) : `[${variants.map(escaped).join('')}]`;
  }

  #group(options: Options): string {
    const close = () => {
      if (!this.#take(')')) throw new Error(say`a group is not closed`);
      this.#lastFolded = '';
    };
    if (this.#match(/\(\?#[^)]*\)/y)) return '';
    const look = this.#match(/\(\?(?:<?[=!])/y)?.[0];
    if (look) {
      const inLookbehind = options.inLookbehind || look.includes('<');
      const inner = this.#alternatives({ ...options, inLookbehind });
      close();
      return `${look}${inner})`;
    }
    if (this.#take('(?>')) {
      const inner = this.#alternatives(options);
      close();
      return this.#atomic(inner, options.inLookbehind);
    }
    const changing = this.#match(/\(\?([imx]*)(?:-([imx]*))?:/y);
    const named = changing ?? this.#match(/\(\?(?:<[A-Za-z_]\w*>|'[A-Za-z_]\w*')/y);
    if (!named && (this.#peek('(?') || this.#peek('(*')))
      throw new Error(say`the group ${this.source.slice(this.#at, this.#at + 4)}`);
    if (!named) this.#at++;
    // Backreferences are refused, so groups need not capture.
    const inner = this.#alternatives(changing ? changed(options, changing) : options);
    close();
    return `(?:${inner})`;
  }

  #escape(options: Options): string {
    const property = this.#property();
    if (property) return property;
    const start = this.#at++;
    const letter = this.#nextCharacter();
    const known = characterTypes[letter] ?? anchors[letter];
    if (known !== undefined) return known;
    if (letter === 'w') return word;
    if (letter === 'W') return word.replace('[', '[^');
    if (letter === 'R') return String.raw`(?:\r\n|[\n-\r\x85\u2028\u2029])`;
    if (letter === 'N') return String.raw`[^\n]`;
    if (letter === 'O') return String.raw`[\s\S]`;
    if (/[1-9]/.test(letter)) throw new Error(say`the reference \\${letter}`);
    this.#at = start;
    return this.#literal(String.fromCodePoint(this.#escapedCharacter()), options);
  }

  /** Translates an escaped single character. */
  #escapedCharacter(): number {
    const hex = this.#match(/\\x\{([\da-fA-F]{1,8})\}|\\x([\da-fA-F]{1,2})|\\u([\da-fA-F]{4})/y);
    if (hex) return Number.parseInt((hex[1] ?? hex[2] ?? hex[3])!, 16);
    const octal = this.#match(/\\o\{([0-7]+)\}|\\(0[0-7]{0,2})/y);
    if (octal) return Number.parseInt((octal[1] ?? octal[2])!, 8);
    this.#at++;
    const letter = this.#nextCharacter();
    const control = controlCharacters[letter];
    if (control !== undefined) return control;
    if (/[\dA-Zckgxuopy]/.test(letter)) throw new Error(say`the escape \\${letter}`);
    return letter.codePointAt(0)!;
  }

  #property(): string | undefined {
    const found = this.#match(/\\([pP])\{(\^?)([^}]*)\}/y);
    if (!found) return undefined;
    const isNegated = (found[1] === 'P') !== (found[2] === '^');
    const set = propertySet(found[3]!);
    return isNegated ? `[^${set}]` : set;
  }

  #characterClass(options: Options): string {
    this.#at++;
    const isNegated = this.#take('^');
    const operands: string[] = [];
    let items = '';
    let isFirst = true;
    for (; ; isFirst = false) {
      if (this.#at >= this.source.length) throw new Error(say`a character class is not closed`);
      if (this.#peek(']') && !(isFirst && this.source.indexOf(']', this.#at + 1) > 0)) break;
      if (this.#take('&&')) {
        operands.push(items);
        items = '';
        continue;
      }
      items += this.#classItem(options);
    }
    this.#at++;
    operands.push(items);
    if (operands.some((operand) => operand === '')) throw new Error(say`an empty character class`);
    const set = operands.length === 1 ? items : operands.map((operand) => `[${operand}]`).join('&&');
    return `[${isNegated ? '^' : ''}${set}]`;
  }

  #classItem(options: Options): string {
    const posix = this.#match(/\[:(\^?)([a-z]+):\]/y);
    const set = posix ? posixSet(posix[2]!, posix[1] === '^') : this.#classSet(options);
    if (set !== undefined) {
      if (options.ignoreCase) throw new Error(say`(?i) with a set of characters in a class`);
      if (this.#peek('-') && !this.#peek('-]')) throw new Error(say`a range that begins with a set`);
      return set;
    }
    const first = this.#classCharacter();
    if (!this.#peek('-') || this.#peek('-]') || this.#peek('-&&')) return classRange(first, first, options);
    this.#at++;
    if (this.#peek('[') || this.#match(/\\[dDsShHwWpPR]/y))
      throw new Error(say`a range that ends with a set`);
    const last = this.#classCharacter();
    if (last < first) throw new Error(say`an empty range`);
    return classRange(first, last, options);
  }

  #classSet(options: Options): string | undefined {
    if (this.#peek('[')) return this.#characterClass(options);
    const property = this.#property();
    if (property) return property;
    const letter = this.#match(/\\([dDsShHwW])/y)?.[1];
    if (letter === 'w') return `[${wordInClass}]`;
    if (letter === 'W') return `[^${wordInClass}]`;
    return letter && characterTypes[letter];
  }

  #classCharacter(): number {
    if (!this.#peek('\\')) return this.#nextCharacter().codePointAt(0)!;
    if (this.#take('\\b')) return 8;
    if (this.#match(/\\(?=[1-9])/y)) throw new Error(say`an octal escape without a 0`);
    if (this.#take('\\R')) return 'R'.charCodeAt(0);
    return this.#escapedCharacter();
  }
}

/** The options of a group `(?im-x: …)`; `flags` are the parts before and after the minus. */
function changed(options: Options, [, on = '', off = '']: RegExpExecArray): Options {
  const value = (flag: string, before: boolean) => (on.includes(flag) || before) && !off.includes(flag);
  return {
    ...options,
    ignoreCase: value('i', options.ignoreCase),
    dotAll: value('m', options.dotAll),
    extended: value('x', options.extended),
  };
}

function escaped(character: string): string {
  return /[A-Za-z0-9]/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

function posixSet(name: string, isNegated: boolean): string {
  const set = Object.hasOwn(posixTypes, name) ? posixTypes[name] : undefined;
  if (set === undefined) throw new Error(say`the POSIX bracket [:${name}:]`);
  return isNegated ? `[^${set}]` : set;
}

/** The set of a property by its name, ignoring case, spaces, hyphens and underscores. */
function propertySet(name: string): string {
  const plain = name.replace(/[\s_-]/g, '').toLowerCase();
  if (plain === 'punct') return String.raw`\p{P}`;
  if (plain === 'any') return String.raw`[\s\S]`;
  if (plain === 'word') return word;
  if (Object.hasOwn(posixTypes, plain)) return posixTypes[plain]!;
  const words = name.trim().split(/[\s_-]+/);
  const spelled = words.map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase()).join('_');
  for (const candidate of [spelled, name.toUpperCase(), `Script=${spelled}`]) {
    if (candidate === 'LC' || isProperty(candidate)) return `\\p{${candidate}}`;
  }
  throw new Error(say`the property ${name}`);
}

function isProperty(name: string): boolean {
  try {
    return new RegExp(`\\p{${name}}`, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** The character and those that differ from it only in case. */
function caseVariants(character: string): string[] {
  if (/^[a-zA-Z]$/.test(character)) {
    const lower = character.toLowerCase();
    const others = lower === 's' ? ['ſ'] : lower === 'k' ? ['\u212a'] : [];
    return [lower, lower.toUpperCase(), ...others];
  }
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  if (lower === upper) return [character];
  if (!isPlainLetter(character)) throw new Error(say`(?i) with "${character}"`);
  return [...new Set([character, lower, upper])];
}

/** A letter with exactly one other case, which is a single letter: not ß, nor σ with its final form. */
function isPlainLetter(character: string): boolean {
  const same = new RegExp(`^${escaped(character)}$`, 'iu');
  const [lower, upper] = [character.toLowerCase(), character.toUpperCase()];
  if ([...lower].length > 1 || [...upper].length > 1 || !same.test(lower) || !same.test(upper)) return false;
  let count = 0;
  for (let point = 0x80; point < 0x20000; point++) if (same.test(String.fromCodePoint(point))) count++;
  return count === 2;
}

function classRange(first: number, last: number, { ignoreCase }: Options): string {
  const spelled = (point: number) => escaped(String.fromCodePoint(point));
  const range = first === last ? spelled(first) : `${spelled(first)}-${spelled(last)}`;
  if (!ignoreCase) return range;
  if (last - first > 0x200 && /\p{Cased}/u.test('a')) {
    for (let point = Math.max(first, 0x80); point <= last; point++)
      if (/\p{Cased}/u.test(String.fromCodePoint(point))) throw new Error(say`(?i) with a wide range`);
    return range;
  }
  let variants = range;
  for (let point = first; point <= last; point++)
    for (const variant of caseVariants(String.fromCodePoint(point))) variants += escaped(variant);
  return variants;
}
