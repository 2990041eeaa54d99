import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '../../test/support/byte-tokenizer.js';
import { UsageError } from '../errors.js';
import { countTargets, type EncodeOptions, encoderFor } from './encode.js';
import type { ExampleText } from './template.js';

fc.configureGlobal({ seed: 1 });

const origin = { path: 'data.csv', place: 'line 3' };
const $ = 256; // the end-of-text token

/** The encoded example as text (`$` ends it), a bar wherever targets begin or end. */
function encode(text: ExampleText, options?: EncodeOptions, tokenizer = byteTokenizer): string | undefined {
  const encoded = encoderFor(tokenizer, options)(text, origin);
  if (!encoded) return undefined;
  const { inputIds, lossMask } = encoded;
  const shown = [...inputIds].map((id, i) => {
    const bar = lossMask[i] === (lossMask[i - 1] ?? 0) ? '' : '|';
    return bar + (id === $ ? '$' : String.fromCharCode(id));
  });
  return shown.join('');
}

const pair = { prompt: 'abc', completion: 'de' };

describe('encoderFor', () => {
  it.each<[ExampleText, EncodeOptions, string | undefined]>([
    [pair, {}, 'abc|de$'],
    [pair, { trainOn: 'all' }, '|abcde$'],
    [pair, { appendEos: false }, 'abc|de'],
    [{ prompt: '', completion: 'de' }, {}, '|de$'],
    [{ completion: 'abcde' }, {}, '|abcde$'],
    [pair, { maxLength: 6 }, 'abc|de$'],
    [pair, { maxLength: 5 }, 'bc|de$'],
    [pair, { maxLength: 3 }, '|de$'],
    [pair, { maxLength: 5, trainOn: 'all' }, '|bcde$'],
    [{ completion: 'abcde' }, { maxLength: 4 }, '|abcd'],
    [pair, { maxLength: 5, truncation: 'end' }, 'abc|de'],
    [pair, { maxLength: 3, truncation: 'end' }, undefined],
    [pair, { maxLength: 2, truncation: 'end', trainOn: 'all' }, '|ab'],
    [pair, { maxLength: 6, truncation: 'drop' }, 'abc|de$'],
    [pair, { maxLength: 5, truncation: 'drop' }, undefined],
    [{ completion: 'abcde' }, { maxLength: 5, truncation: 'drop' }, undefined],
  ])('encodes %j with %j', (text, options, expected) => {
    expect(encode(text, options)).toBe(expected);
  });

  it.each<[ExampleText, EncodeOptions, string | undefined]>([
    [pair, {}, '^abc|de$'],
    [pair, { trainOn: 'all' }, '^|abcde$'],
    [{ prompt: '', completion: 'de' }, {}, '^|de$'],
    [{ completion: 'abcde' }, {}, '^|abcde$'],
    [{ prompt: '^abc', completion: 'de' }, {}, '^abc|de$'], // written in the text already
    [{ completion: '^de' }, {}, '^|de$'],
    [{ prompt: 'a', completion: '^de' }, {}, '^a|^de$'],
    [pair, { maxLength: 6 }, '^bc|de$'],
    [pair, { maxLength: 4 }, '^|de$'],
    [pair, { maxLength: 5, trainOn: 'all' }, '^|cde$'],
    [pair, { maxLength: 5, truncation: 'end' }, '^abc|d'],
    [pair, { maxLength: 6, truncation: 'drop' }, undefined],
    [{ prompt: ['x', { first: 0, count: 1 }], completion: 'd' }, { vocabSize: 300 }, '^x\u012c|d$'],
  ])('begins %j with the token that begins every text (^), with %j', (text, options, expected) => {
    const begun = { ...byteTokenizer, startIds: byteTokenizer.encode('^') };
    expect(encode(text, options, begun)).toBe(expected);
  });

  it('reports a completion that does not fit after that token', () => {
    const begun = { ...byteTokenizer, startIds: [94] };
    expect(() => encoderFor(begun, { maxLength: 3 })(pair, origin)).toThrow(
      'the completion has 3 tokens, and at most 2 fit',
    );
  });

  describe('for an encoder', () => {
    /** A byte tokenizer that ends a text with `$` where special tokens are asked for. */
    const ending = {
      ...byteTokenizer,
      encode: (text: string, { addSpecialTokens = false } = {}) => [
        ...byteTokenizer.encode(text),
        ...(addSpecialTokens ? [$] : []),
      ],
    };
    it.each<[ExampleText, EncodeOptions, string | undefined]>([
      [pair, {}, 'abc$|de$'],
      [{ prompt: '', completion: 'de' }, {}, '$|de$'],
      [{ completion: 'abcde' }, {}, '$|abcde$'],
      [pair, { maxLength: 5 }, 'c$|de$'],
      [pair, { maxLength: 4 }, '$|de$'],
      [pair, { maxLength: 6, truncation: 'end' }, 'abc$|de'],
    ])('encodes %j with %j', (text, options, expected) => {
      expect(encode(text, { ...options, promptSpecialTokens: true }, ending)).toBe(expected);
    });

    it('leaves it at least one token to read', () => {
      const cut = () => encode(pair, { maxLength: 3, promptSpecialTokens: true }, ending);
      expect(cut).toThrow('the completion has 3 tokens, and at most 3 fit');
      const nothing = () => encode({ completion: 'de' }, { promptSpecialTokens: true });
      expect(nothing).toThrow('there is no prompt, which the encoder needs');
    });
  });

  it('reports whether it truncated', () => {
    const encoder = encoderFor(byteTokenizer, { maxLength: 5 });
    expect(encoder(pair, origin)?.truncated).toBe(true);
    expect(encoder({ ...pair, prompt: 'bc' }, origin)?.truncated).toBe(false);
  });

  it('never exceeds the length, never truncates a completion by default, and labels only existing tokens', () => {
    const text = fc.record({
      prompt: fc.option(fc.string(), { nil: undefined }),
      completion: fc.string({ minLength: 1 }),
    });
    const options = fc.record({
      maxLength: fc.integer({ min: 1, max: 30 }),
      truncation: fc.constantFrom('prompt' as const, 'end' as const, 'drop' as const),
      trainOn: fc.constantFrom('completion' as const, 'all' as const),
    });
    fc.assert(
      fc.property(text, options, (text, options) => {
        const target = [...byteTokenizer.encode(text.completion), $];
        const tooLong = text.prompt !== undefined && target.length > options.maxLength;
        fc.pre(!(options.truncation === 'prompt' && tooLong));
        const encoded = encoderFor(byteTokenizer, options)(text, origin);
        if (!encoded) {
          expect(options.truncation).not.toBe('prompt');
          return;
        }
        const ids = [...encoded.inputIds];
        const labelCount = countTargets(encoded);
        expect(ids.length).toBeLessThanOrEqual(options.maxLength);
        expect(labelCount).toBeGreaterThan(0);
        expect(labelCount).toBeLessThanOrEqual(ids.length);
        if (options.truncation === 'prompt' && text.prompt !== undefined) {
          expect(ids.slice(-target.length)).toEqual(target);
        }
      }),
    );
  });

  it('names the record whose completion does not fit or is empty', () => {
    const tooLong =
      'data.csv (line 3): the completion has 3 tokens, and at most 2 fit; shorten it, or set truncation';
    expect(() => encode(pair, { maxLength: 2 })).toThrow(tooLong);
    expect(() => encode({ prompt: 'a', completion: '' })).toThrow(
      'data.csv (line 3): the completion is empty',
    );
    expect(() => encode({ completion: '' })).toThrow('data.csv (line 3): the text is empty');
  });

  it('refuses invalid options', () => {
    expect(() => encode(pair, { maxLength: 0 })).toThrow(UsageError);
    expect(() => encode(pair, { maxLength: 2.5 })).toThrow('maxLength is 2.5, expected an integer');
    const withoutEnd = { ...byteTokenizer, eosTokenId: undefined };
    expect(() => encoderFor(withoutEnd)).toThrow('set appendEos to false');
    expect(() => encoderFor(withoutEnd, { appendEos: false })).not.toThrow();
  });
});

describe('a prompt with soft tokens', () => {
  const vocabSize = 300;
  const prompt = [{ first: 0, count: 2 }, 'abc', { first: 2, count: 1 }];
  const ids = (options: EncodeOptions) => {
    const encode = encoderFor(byteTokenizer, { vocabSize, ...options });
    return [...encode({ prompt, completion: 'd' }, origin)!.inputIds];
  };
  const [a, b, c, d] = [97, 98, 99, 100];

  it('has them with the ids after the vocabulary, and keeps them where text is cut', () => {
    expect(ids({})).toEqual([300, 301, a, b, c, 302, d, $]);
    expect(ids({ maxLength: 6 })).toEqual([300, 301, c, 302, d, $]);
    expect(ids({ maxLength: 5 })).toEqual([300, 301, 302, d, $]);
    expect(() => ids({ maxLength: 4 })).toThrow(
      'the completion has 2 tokens and the prompt 3 soft tokens, and at most 4 fit',
    );
  });

  it('is refused if soft tokens would be predicted, or the vocabulary is unknown', () => {
    expect(() => ids({ trainOn: 'all' })).toThrow('cannot be used with soft tokens');
    expect(() => ids({ vocabSize: undefined })).toThrow('needs vocabSize');
  });
});
