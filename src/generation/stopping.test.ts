import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteDecode } from '../../test/support/byte-tokenizer.js';
import { findStop, RowOutput, StopStrings } from './stopping.js';

/** What is shown of a text that comes in `pieces`. */
function shown(pieces: readonly string[], stop: readonly string[]): { texts: string[]; stopped: boolean } {
  const strings = new StopStrings(stop);
  const texts: string[] = [];
  for (const piece of pieces) {
    const { text, stopped } = strings.push(piece);
    texts.push(text);
    if (stopped) return { texts, stopped };
  }
  texts.push(strings.end());
  return { texts, stopped: false };
}

describe('findStop', () => {
  it('finds the stop string that is complete first, of several the longest', () => {
    expect(findStop('hello', [])).toBeUndefined();
    expect(findStop('hello', ['lp', 'x'])).toBeUndefined();
    expect(findStop('hello', ['lo', 'l'])).toBe(2);
    expect(findStop('xabc', ['abc', 'b'])).toBe(2);
    expect(findStop('xabc', ['c', 'abc', 'bc'])).toBe(1);
  });
});

describe('StopStrings', () => {
  it('holds back what may be the beginning of a stop string, and cuts before it', () => {
    expect(shown(['one\n', 'two', '\n', '\n', 'three'], ['\n\n'])).toEqual({
      texts: ['one', '\ntwo', '', ''],
      stopped: true,
    });
  });

  it('gives what it held back once that cannot be a stop string', () => {
    expect(shown(['an E', 'N', 'T'], ['END'])).toEqual({ texts: ['an ', '', 'ENT', ''], stopped: false });
    expect(shown(['an E', 'N'], ['END'])).toEqual({ texts: ['an ', '', 'EN'], stopped: false });
  });

  it('shows the same however the text is cut into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '中'), maxLength: 30 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '中'), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(letters, stops, sizes, (text, stop, cuts) => {
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = cuts[i % cuts.length]!;
          pieces.push(text.slice(at, at + size));
          at += size;
        }
        // Letter by letter: the first end of a stop string, of those that end there the longest.
        let expected = text;
        for (let end = 1; end <= text.length; end++) {
          const longest = Math.max(
            0,
            ...stop.filter((s) => text.slice(0, end).endsWith(s)).map((s) => s.length),
          );
          if (longest > 0) {
            expected = text.slice(0, end - longest);
            break;
          }
        }
        const result = shown(pieces, stop);
        expect(result.texts.join('')).toBe(expected);
        expect(result.stopped).toBe(expected !== text);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('RowOutput', () => {
  const decode = byteDecode([[0x61], [0x62], [0xe4, 0xb8], [0xad], [0x3c, 0x2f]]); // a, b, 中 in two, </
  const options = { eosTokenIds: new Set([4]), stop: ['中b'] };

  it('ends at an end token, whose text is not shown', () => {
    const output = new RowOutput(options, 10, decode);
    expect([0, 2, 3].map((id) => output.push(id))).toEqual(['a', '', '']);
    expect(output.push(4)).toBe('中'); // held back: it might have been the stop string
    expect(output).toMatchObject({ ids: [0, 2, 3, 4], text: 'a中', finishReason: 'eos' });
  });

  it('ends at the limit with all text, an unfinished character too', () => {
    const output = new RowOutput(options, 2, decode);
    expect([0, 2].map((id) => output.push(id))).toEqual(['a', '\uFFFD']);
    expect(output).toMatchObject({ text: 'a\uFFFD', finishReason: 'length' });
  });

  it('ends at a stop string over several tokens, also at the limit', () => {
    for (const limit of [4, 10]) {
      const output = new RowOutput(options, limit, decode);
      expect([0, 2, 3, 1].map((id) => output.push(id))).toEqual(['a', '', '', '']);
      expect(output).toMatchObject({ ids: [0, 2, 3, 1], text: 'a', finishReason: 'stop' });
    }
  });

  it('works without text', () => {
    const output = new RowOutput({ eosTokenIds: new Set(), stop: [] }, 2);
    expect([7, 8].map((id) => output.push(id))).toEqual(['', '']);
    expect(output).toMatchObject({ ids: [7, 8], text: '', finishReason: 'length' });
  });
});
