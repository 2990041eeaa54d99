import { expect, it } from 'vitest';
import { tokenOffsets } from './token-offsets.js';

/** A tokenizer whose tokens are these spellings, joined as they are. */
const spelled = (...tokens: string[]) => ({
  ids: tokens.map((_, id) => id),
  decode: (ids: Iterable<number>) => Array.from(ids, (id) => tokens[id]!).join(''),
});

function wordsAt(text: string, tokenizer: ReturnType<typeof spelled>): string[] {
  return tokenOffsets(text, tokenizer.ids, tokenizer).map(({ start, end }) => text.slice(start, end));
}

it('finds tokens with the space before them, and space alone', () => {
  const text = 'A cat,  a dog.\n\nTwo';
  const tokens = ['A', ' cat', ',', ' ', ' a', ' d', 'og', '.', '\n\n', 'Two'];
  expect(wordsAt(text, spelled(...tokens))).toEqual(['A', 'cat', ',', '', 'a', 'd', 'og', '.', '', 'Two']);
});

it('finds lower-case tokens without accents, in pieces', () => {
  const pieces = spelled('ang', '##el', 'a', 'cafe', '##s', '##', 'x');
  const decode = (ids: Iterable<number>) => [...ids].map((id) => pieces.decode([id])).join(' ');
  expect(wordsAt('Angela Cafés ##x', { ...pieces, ids: [0, 1], decode })).toEqual(['Ang', 'el']);
  expect(wordsAt('CAFÉS', { ...pieces, ids: [3, 4], decode })).toEqual(['CAFÉ', 'S']);
  expect(wordsAt('##x', { ...pieces, ids: [5, 6], decode })).toEqual(['##', 'x']);
});

it('gives tokens that share a character the whole of it', () => {
  const bytes = new TextEncoder().encode('猫 🐈!');
  const tokenizer = {
    ids: [...bytes.keys()],
    decode: (ids: Iterable<number>) => new TextDecoder().decode(Uint8Array.from(ids, (id) => bytes[id]!)),
  };
  expect(wordsAt('猫 🐈!', tokenizer)).toEqual(['猫', '猫', '猫', '', '🐈', '🐈', '🐈', '🐈', '!']);
});

it('gives an unknown token the gap between its neighbors', () => {
  expect(wordsAt('one ☃☃ two', spelled('one', '[UNK]', ' two'))).toEqual(['one', ' ☃☃ ', 'two']);
  expect(wordsAt('☃ two', spelled('[UNK]', ' two'))).toEqual(['☃ ', 'two']);
  expect(wordsAt('one ☃', spelled('one', '[UNK]'))).toEqual(['one', ' ☃']);
});
