/**
 * @file Which characters of a text each of its tokens stands for. Tokenizers give ids alone, so their tokens are
 * found in the text again.
 */
import type { Tokenizer } from './tokenizer.js';

/** From `start` up to `end`, in UTF-16 units; both are the same for a token that is space alone. */
export interface Offsets {
  readonly start: number;
  readonly end: number;
}

/**
 * The place of each of `ids`, which are the tokens of `text` without special ones. Space before a token's first
 * character is not its own. Tokens that share a character, as bytes of an emoji do, have the whole of it each. A
 * token that is not in the text (BERT's [UNK]) has what its neighbors leave.
 */
export function tokenOffsets(
  text: string,
  ids: readonly number[],
  tokenizer: Pick<Tokenizer, 'decode'>,
): Offsets[] {
  const { folded, places } = foldText(text);
  const found: (Offsets | undefined)[] = ids.map(() => undefined);
  let at = 0; // in the folded text
  let from = 0; // of the tokens that are looked for together
  for (let i = 0; i < ids.length; i++) {
    const written = fold(tokenizer.decode(ids.slice(from, i + 1))).trim();
    const isPart = written.includes('\uFFFD') && !folded.includes('\uFFFD');
    if (isPart) continue; // bytes of a character that the next token has more of
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

/** What is left between the neighbors that were found. */
function between(found: readonly (Offsets | undefined)[], i: number, length: number): Offsets {
  const start = found.slice(0, i).findLast(Boolean)?.end ?? 0;
  return { start, end: found.slice(i + 1).find(Boolean)?.start ?? length };
}

/** As tokenizers may change a text: without accents and capitals. */
const fold = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The text folded, and for each of its units the character that it comes from. */
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
