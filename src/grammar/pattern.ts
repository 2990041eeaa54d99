/**
 * @file Compiles the `pattern` of a JSON Schema (ECMA-262 with the flag u) to a network for the text between quotes.
 *   Lookarounds, backreferences and word boundaries are refused, as networks cannot express them.
 */
import { say } from '../say.js';
import { allCharacters, type CharacterRange, complement, normalized, quoted } from './characters.js';
import { GrammarTooLarge, type Network, type Piece } from './network.js';

/** @throws Error naming the construct that is invalid or not supported */
export function patternPiece(net: Network, source: string): Piece {
  try {
    new RegExp(source, 'u');
  } catch (error) {
    throw new Error(say`is no regular expression: ${(error as Error).message}`);
  }
  return new PatternReader(net, source).whole();
}

/** Parses patterns that JavaScript has accepted. */
class PatternReader {
  readonly #characters: readonly string[];
  readonly #net: Network;
  #at = 0;

  constructor(net: Network, source: string) {
    this.#net = net;
    this.#characters = [...source];
  }

  /** A pattern may match anywhere in a text, unless it is anchored. */
  whole(): Piece {
    const alternatives: Piece[] = [];
    const anything = this.#net.repeat(quoted(this.#net, allCharacters), 0);
    do {
      const isAnchored = this.#take('^');
      const piece = this.#sequence();
      const isEnded = this.#take('$');
      alternatives.push(
        this.#net.sequence(...(isAnchored ? [] : [anything]), piece, ...(isEnded ? [] : [anything])),
      );
    } while (this.#take('|'));
    if (this.#at < this.#characters.length) throw this.#unsupported(say`an anchor within it`);
    return this.#net.choice(...alternatives);
  }

  #choice(): Piece {
    const alternatives = [this.#sequence()];
    while (this.#take('|')) alternatives.push(this.#sequence());
    return alternatives.length === 1 ? alternatives[0]! : this.#net.choice(...alternatives);
  }

  #sequence(): Piece {
    const pieces: Piece[] = [];
    while (this.#at < this.#characters.length && !'|)$'.includes(this.#characters[this.#at]!))
      pieces.push(this.#repeated(this.#atom()));
    return this.#net.sequence(...pieces);
  }

  #repeated(piece: Piece): Piece {
    const rest = this.#characters.slice(this.#at, this.#at + 40).join('');
    const found = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(rest);
    if (!found && rest.startsWith('{')) throw new GrammarTooLarge();
    if (!found) return piece;
    this.#at += found[0].length;
    const [, mark, least, comma, most] = found;
    if (mark === '?') return this.#net.optional(piece);
    if (mark !== undefined) return this.#net.repeat(piece, mark === '+' ? 1 : 0);
    const upTo = comma === '' ? least : most;
    return this.#net.repeat(piece, Number(least), upTo === '' ? Infinity : Number(upTo));
  }

  #atom(): Piece {
    if (this.#take('(')) return this.#group();
    if (this.#characters[this.#at] === '^') throw this.#unsupported(say`an anchor within it`);
    return quoted(this.#net, this.#set());
  }

  #group(): Piece {
    if (this.#take('?') && !this.#take(':')) {
      if (!this.#take('<') || '=!'.includes(this.#characters[this.#at]!))
        throw this.#unsupported(say`a lookaround`);
      while (!this.#take('>')) this.#at++;
    }
    const piece = this.#choice();
    if (!this.#take(')')) throw this.#unsupported(say`an anchor within it`);
    return piece;
  }

  /** Parses one character or class. */
  #set(): readonly CharacterRange[] {
    if (this.#take('.')) return complement(lineBreaks);
    if (this.#take('[')) return this.#class();
    return this.#take('\\') ? this.#escape() : [pointRange(this.#next())];
  }

  #class(): readonly CharacterRange[] {
    const isNegated = this.#take('^');
    const ranges: CharacterRange[] = [];
    while (!this.#take(']')) {
      const low = this.#classAtom();
      const isRange = this.#characters[this.#at] === '-' && this.#characters[this.#at + 1] !== ']';
      if (!isRange) {
        ranges.push(...low);
        continue;
      }
      this.#at++;
      ranges.push([low[0]![0], this.#classAtom()[0]![1]]);
    }
    return isNegated ? complement(ranges) : normalized(ranges);
  }

  #classAtom(): readonly CharacterRange[] {
    if (!this.#take('\\')) return [pointRange(this.#next())];
    return this.#take('b') ? [[8, 8]] : this.#escape();
  }

  #escape(): readonly CharacterRange[] {
    const letter = this.#next();
    if (letter === 'p' || letter === 'P') return this.#property(letter);
    if (/[1-9k]/.test(letter)) throw this.#unsupported(say`a reference to a group`);
    if (letter === 'b' || letter === 'B') throw this.#unsupported(say`a word boundary`);
    const known = escapes[letter];
    if (known) return known;
    if (letter === 'x') return [hexRange(this.#digits(2))];
    if (letter === 'c') return [pointRange(String.fromCharCode(this.#next().charCodeAt(0) % 32))];
    if (letter !== 'u') return [pointRange(letter)];
    if (!this.#take('{')) return [hexRange(this.#digits(4))];
    let digits = '';
    while (!this.#take('}')) digits += this.#next();
    return [hexRange(digits)];
  }

  #property(letter: string): readonly CharacterRange[] {
    let source = `\\${letter}`;
    do source += this.#next();
    while (!source.endsWith('}'));
    return propertyRanges(source);
  }

  #digits(count: number): string {
    this.#at += count;
    return this.#characters.slice(this.#at - count, this.#at).join('');
  }

  #next(): string {
    return this.#characters[this.#at++]!;
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #unsupported(what: string): Error {
    return new Error(say`has ${what}, which is not supported`);
  }
}

const pointRange = (character: string): CharacterRange => {
  const point = character.codePointAt(0)!;
  return [point, point];
};

const hexRange = (digits: string): CharacterRange => [
  Number.parseInt(digits, 16),
  Number.parseInt(digits, 16),
];

const lineBreaks: readonly CharacterRange[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const decimal: readonly CharacterRange[] = [[0x30, 0x39]];
const word = normalized([...decimal, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]);
const space = normalized([
  [9, 13],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);

const escapes: Readonly<Record<string, readonly CharacterRange[]>> = {
  d: decimal,
  D: complement(decimal),
  w: word,
  W: complement(word),
  s: space,
  S: complement(space),
  t: [[9, 9]],
  n: [[10, 10]],
  v: [[11, 11]],
  f: [[12, 12]],
  r: [[13, 13]],
  '0': [[0, 0]],
};

const knownProperties = new Map<string, readonly CharacterRange[]>();

/** @param source such as `\p{Letter}` */
function propertyRanges(source: string): readonly CharacterRange[] {
  const known = knownProperties.get(source);
  if (known) return known;
  const pattern = new RegExp(source, 'u');
  const ranges: CharacterRange[] = [];
  let start: number | undefined;
  for (let point = 0; point <= 0x110000; point++) {
    const isIn = point < 0x110000 && pattern.test(String.fromCodePoint(point));
    if (isIn) start ??= point;
    else if (start !== undefined) {
      ranges.push([start, point - 1]);
      start = undefined;
    }
  }
  knownProperties.set(source, ranges);
  return ranges;
}
