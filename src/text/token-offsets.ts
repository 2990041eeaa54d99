/**
 * @file The characters of a text that each of its tokens covers. Tokenizers return ids only, so their tokens are
 *   located in the text.
 */
import type { Tokenizer } from './tokenizer.js';

/** UTF-16 units from `start` up to `end`; both are equal for a token that consists of spaces only. */
export interface Offsets {
  readonly start: number;
  readonly end: number;
}

/**
 * The offsets of `ids`, the tokens of `text` without special tokens. Leading spaces are not part of a token. Tokens
 * that share a character, such as the bytes of an emoji, each cover all of it. A token that does not occur in the text
 * (BERT's [UNK]) covers the gap between its neighbors.
 */
export function tokenOffsets(
  text: string,
  ids: readonly number[],
  tokenizer: Pick<Tokenizer, 'decode'>,
): Offsets[] {
  const { folded, places } = foldText(text);
  const found: (Offsets | undefined)[] = ids.map(() => undefined);
  let at = 0; // position in the folded text
  let from = 0; // first of the tokens that are searched for together
  for (let i = 0; i < ids.length; i++) {
    const written = fold(tokenizer.decode(ids.slice(from, i + 1))).trim();
    const isPart = written.includes('\uFFFD') && !folded.includes('\uFFFD');
    if (isPart) continue; // bytes of a character that continues in the next token
    const next = skipSpace(folded, at);
    const isLost = from > 0 && !found[from - 1];
    const start = [written, written.replace(/^##/, '')]
      .map((word) => ({ word, start: isLost ? folded.indexOf(word, next) : next }))
      .find(({ word, start }) => start >= 0 && folded.startsWith(word, start));
    if (start) {
      const isSpace = start.word === '';
      const first = isSpace ? at : start.start;
      at = first + start.word.length;
      const place = places[first]?.start ?? text.length;
      const offsets = { start: place, end: isSpace ? place : places[at - 1]!.end };
      found.fill(offsets, from, i + 1);
    }
    from = i + 1;
  }
  return found.map((offsets, i) => offsets ?? between(found, i, text.length));
}

/** The gap between the nearest located neighbors. */
function between(found: readonly (Offsets | undefined)[], i: number, length: number): Offsets {
  const start = found.slice(0, i).findLast(Boolean)?.end ?? 0;
  return { start, end: found.slice(i + 1).find(Boolean)?.start ?? length };
}

/** Removes accents and case, as tokenizers may do. */
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The folded text, and for each of its units the character it comes from. */
function foldText(text: string): { folded: string; places: Offsets[] } {
  let folded = '';
  const places: Offsets[] = [];
  let start = 0;
  for (const character of text) {
    const end = start + character.length;
    const units = fold(character);
    folded += units;
    for (let i = 0; i < units.length; i++) places.push({ start, end });
    start = end;
  }
  return { folded, places };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}
