import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, byteDecode, cutBytes } from '../../test/support/byte-tokenizer.js';
import { cleanUp } from '../tokenizer/decoders.js';
import { TextStream } from './text-stream.js';

/** The pieces of a text whose tokens are 0, 1, 2 …, with what `end` gives as the last one. */
function piecesOf(tokens: readonly Bytes[], decode = byteDecode(tokens)): string[] {
  const stream = new TextStream(decode);
  return [...tokens.map((_, id) => stream.push(id)), stream.end()];
}

const bytesOf = (text: string): Bytes => Array.from(new TextEncoder().encode(text));
const singleBytes = (bytes: Bytes): Bytes[] => bytes.map((byte) => [byte]);

/** Token lengths, with a real one among them so that cutting ends. */
const lengths = fc
  .array(fc.nat(5), { minLength: 1, maxLength: 8 })
  .filter((all) => all.some((length) => length > 0));

describe('TextStream', () => {
  it('gives a character when its last byte has come', () => {
    expect(piecesOf(singleBytes(bytesOf('a中😀b')))).toEqual(['a', '', '', '中', '', '', '', '😀', 'b', '']);
  });

  it('gives the whole characters of a token that ends inside another', () => {
    const [first, second] = [bytesOf('你好').slice(0, 4), bytesOf('你好').slice(4)];
    expect(piecesOf([first, second])).toEqual(['你', '好', '']);
  });

  it('holds back a real U+FFFD only until the next token', () => {
    expect(piecesOf([bytesOf('a\uFFFD'), bytesOf('\uFFFD'), bytesOf('b')])).toEqual([
      'a',
      '\uFFFD',
      '\uFFFDb',
      '',
    ]);
  });

  it('gives U+FFFD for a character that is never finished', () => {
    expect(piecesOf([bytesOf('a'), [0xf0, 0x9f]])).toEqual(['a', '', '\uFFFD']);
    expect(piecesOf([[0xf0, 0x9f], bytesOf('a')])).toEqual(['', '\uFFFDa', '']);
  });

  it('puts together exactly the text, in whole code points, however characters are cut', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const family = fc.constant('👩‍👩‍👧‍👦🏳️‍🌈中文\uFFFD\uFEFF');
    fc.assert(
      fc.property(fc.array(fc.oneof(text, family), { maxLength: 4 }), lengths, (texts, cuts) => {
        const whole = texts.join('');
        const pieces = piecesOf(cutBytes(bytesOf(whole), cuts));
        expect(pieces.join('')).toBe(whole);
        for (const piece of pieces) expect(piece).not.toMatch(/^[\uDC00-\uDFFF]|[\uD800-\uDBFF]$/);
        if (!whole.includes('\uFFFD')) expect(pieces.join('|')).not.toContain('\uFFFD');
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('is cleaned up as the whole text is', () => {
    const parts = [' ', "'", ' ', '.', ',', 'n', 't', 's', 've', 'a', '?', '!', "n't", ' . ', " ' "];
    const property = fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (tokens) => {
      const raw = (ids: readonly number[]) => ids.map((id) => tokens[id]).join('');
      const pieces = piecesOf(
        tokens.map(() => []),
        Object.assign(raw, { cleanUp }),
      );
      expect(pieces.join('')).toBe(cleanUp(tokens.join('')));
    });
    fc.assert(property, { seed: 1, numRuns: 5000 });
  });

  it('agrees with decoding everything also where the bytes are not UTF-8', () => {
    const bytes = fc.oneof(
      fc.integer({ min: 0x80, max: 0xff }),
      fc.constantFrom(0x41, 0xe4, 0xb8, 0xad, 0xf0, 0x9f, 0x98, 0x80),
    );
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 120 }), lengths, (all, cuts) => {
        const tokens = cutBytes(all, cuts);
        const whole = byteDecode(tokens)(tokens.map((_, id) => id));
        expect(piecesOf(tokens).join('')).toBe(whole);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it.each(['a', '中', '\uFFFD', '😀'])(
    'decodes a bounded number of tokens for each token of %s',
    (character) => {
      const tokens = singleBytes(bytesOf(character.repeat(500)));
      const decode = byteDecode(tokens);
      let decoded = 0;
      const pieces = piecesOf(tokens, (ids) => {
        decoded += ids.length;
        return decode(ids);
      });
      expect(pieces.join('')).toBe(character.repeat(500));
      expect(decoded / tokens.length).toBeLessThan(16);
    },
  );
});
