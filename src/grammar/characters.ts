/** @file Sets of characters as bytes of UTF-8, and in the spelling of JSON strings. */
import type { Network, Piece } from './network.js';

/** Code points from the first to the second, both included. */
export type CharacterRange = readonly [low: number, high: number];

const lastPoint = 0x10ffff;
const [firstSurrogate, lastSurrogate] = [0xd800, 0xdfff];

/** All characters except halves of surrogate pairs. */
export const allCharacters: readonly CharacterRange[] = [
  [0, firstSurrogate - 1],
  [lastSurrogate + 1, lastPoint],
];

/** Sorted, and without overlaps. */
export function normalized(ranges: readonly CharacterRange[]): CharacterRange[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = joined.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return joined;
}

/** All characters except these. */
export const complement = (ranges: readonly CharacterRange[]): CharacterRange[] =>
  without(allCharacters, ranges);

/** The characters of `ranges` that are not in `others`. */
export function without(
  ranges: readonly CharacterRange[],
  others: readonly CharacterRange[],
): CharacterRange[] {
  let left = normalized(ranges);
  for (const [low, high] of others)
    left = left.flatMap(([from, to]): CharacterRange[] => {
      if (high < from || low > to) return [[from, to]];
      const parts: CharacterRange[] = [];
      if (from < low) parts.push([from, low - 1]);
      if (to > high) parts.push([high + 1, to]);
      return parts;
    });
  return left;
}

/** One character of a set, in UTF-8. */
export function utf8(net: Network, ranges: readonly CharacterRange[]): Piece {
  return net.choice(
    ...without(ranges, [[firstSurrogate, lastSurrogate]])
      .flatMap(([low, high]) => byteRanges(low, high))
      .map((bytes) => net.sequence(...bytes.map(([from, to]) => net.range(from, to)))),
  );
}

/** The code points from which UTF-8 needs another byte. */
const borders = [0x80, 0x800, 0x10000];

/** A range as sequences of byte ranges, one per byte, that are independent of each other. */
function byteRanges(low: number, high: number): CharacterRange[][] {
  for (const border of borders)
    if (low < border && high >= border) return [...byteRanges(low, border - 1), ...byteRanges(border, high)];
  if (high < 0x80) return [[[low, high]]];
  for (const bits of [6, 12, 18]) {
    const mask = (1 << bits) - 1;
    if (low >> bits === high >> bits) continue;
    if ((low & mask) !== 0) return [...byteRanges(low, low | mask), ...byteRanges((low | mask) + 1, high)];
    if ((high & mask) !== mask)
      return [...byteRanges(low, (high & ~mask) - 1), ...byteRanges(high & ~mask, high)];
  }
  const [first, last] = [encoded(low), encoded(high)];
  return [first.map((byte, i) => [byte, last[i]!])];
}

const encoded = (point: number) => [...new TextEncoder().encode(String.fromCodePoint(point))];

/** Characters that must be escaped between quotes. */
const escaped: readonly CharacterRange[] = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];

/** One character of a set between the quotes of a JSON string, as `JSON.stringify` writes it. */
export function quoted(net: Network, ranges: readonly CharacterRange[]): Piece {
  const special: number[] = [];
  for (const [from, to] of escaped)
    for (let point = from; point <= to; point++)
      if (ranges.some(([low, high]) => point >= low && point <= high)) special.push(point);
  const escapes = special.map((point) =>
    net.literal(JSON.stringify(String.fromCodePoint(point)).slice(1, -1)),
  );
  return net.choice(utf8(net, without(ranges, escaped)), ...escapes);
}

/** Any character between quotes, in every spelling that JSON allows. */
export function anyQuoted(net: Network): Piece {
  const hex = (from: string, to: string) => net.range(from.charCodeAt(0), to.charCodeAt(0));
  const anyHex = net.choice(hex('0', '9'), hex('a', 'f'), hex('A', 'F'));
  const d = net.choice(hex('d', 'd'), hex('D', 'D'));
  const unit = (...digits: readonly Piece[]) => net.sequence(net.literal('\\u'), ...digits);
  const notD = net.choice(hex('0', '9'), hex('a', 'c'), hex('A', 'C'), hex('e', 'f'), hex('E', 'F'));
  const high = unit(d, net.choice(hex('8', '9'), hex('a', 'b'), hex('A', 'B')), anyHex, anyHex);
  const low = unit(d, net.choice(hex('c', 'f'), hex('C', 'F')), anyHex, anyHex);
  return net.choice(
    utf8(net, without(allCharacters, escaped)),
    ...[...'"\\/bfnrt'].map((letter) => net.literal(`\\${letter}`)),
    unit(notD, anyHex, anyHex, anyHex),
    unit(d, hex('0', '7'), anyHex, anyHex),
    net.sequence(high, low),
  );
}
