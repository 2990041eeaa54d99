import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { seededRandom } from '../random.js';
import type { EncodedExample } from '../text/encode.js';
import type { Tokenizer } from '../text/tokenizer.js';
import {
  beginnings,
  behindIds,
  drawText,
  survivesAsText,
  textTokens,
  withTextBefore,
} from './prompt-texts.js';
import { useToy } from './toy-search.fixture.js';

const toy = useToy();
let tokenizer: Tokenizer;
beforeAll(() => {
  tokenizer = toy().tokenizer;
});

/** Every byte or character of `text` by itself. */
const apart = (text: string) => Array.from(text).flatMap((character) => tokenizer.encode(character));

function example(given: string, label: string): EncodedExample {
  const [before, after] = [tokenizer.encode(given), tokenizer.encode(label)];
  const lossMask = new Uint8Array(before.length + after.length).fill(1, before.length);
  return { inputIds: Int32Array.from([...before, ...after]), lossMask };
}

describe('textTokens', () => {
  const textsOf = (allowed: Uint8Array) =>
    [...allowed.keys()].filter((id) => allowed[id]).map((id) => tokenizer.tokenOf(id));

  it('are whole characters of the requested kind, and no special tokens', () => {
    const ascii = textsOf(textTokens(tokenizer, 290, 'ascii'));
    expect(ascii.slice(0, 95).sort().join('')).toBe(
      Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join(''),
    );
    expect(ascii).toContain('the');
    const chinese = textsOf(textTokens(tokenizer, 290, 'chinese'));
    expect(chinese).toContain('猫');
    expect(chinese.every((text) => /^[\u3000-\uffff]+$/.test(text))).toBe(true);
    const printable = textsOf(textTokens(tokenizer, 290, 'printable'));
    expect(printable.toSorted()).toEqual([...ascii, ...chinese].sort());
    const any = textsOf(textTokens(tokenizer, 290, 'any'));
    expect(any.filter((text) => !printable.includes(text))).toContain('\n');
    expect(any.some((text) => text.includes('\uFFFD') || text.includes('endoftext'))).toBe(false);
  });

  it('end where the vocabulary of the model or of the tokenizer does, and there must be one', () => {
    expect(textTokens(tokenizer, 400, 'any')).toHaveLength(400);
    expect(textTokens(tokenizer, 400, 'any').lastIndexOf(1)).toBeLessThan(tokenizer.vocabSize);
    expect(() => textTokens(tokenizer, 30, 'chinese')).toThrow(UsageError);
    expect(() => textTokens(tokenizer, 30, 'chinese')).toThrow('characters "chinese": no token of this');
  });
});

describe('survivesAsText', () => {
  it('holds for the ids that the text has, and for no others', () => {
    expect(survivesAsText(tokenizer.encode('the cat'), tokenizer, [])).toBe(true);
    expect(apart('the').length).toBe(3);
    expect(survivesAsText(apart('the'), tokenizer, [])).toBe(false);
  });

  it('considers the text that follows as well', () => {
    const ids = tokenizer.encode('sat t');
    expect(survivesAsText(ids, tokenizer, [])).toBe(true);
    expect(survivesAsText(ids, tokenizer, ['1 of', ' xyz'])).toBe(true);
    expect(survivesAsText(ids, tokenizer, ['1 of', 'he cat'])).toBe(false);
  });
});

describe('drawText', () => {
  const options = (seed: number) => ({
    start: tokenizer.encode('the'),
    count: 12,
    allowed: textTokens(tokenizer, 290, 'printable'),
    random: seededRandom(seed),
  });
  const survives = (ids: readonly number[]) => survivesAsText(ids, tokenizer, []);

  it('continues a start with ids that survive, by the seed', () => {
    const ids = drawText(options(1), survives);
    expect(ids).toHaveLength(12);
    expect(ids.slice(0, 1)).toEqual(tokenizer.encode('the'));
    expect(survives(ids)).toBe(true);
    expect(drawText(options(1), survives)).toEqual(ids);
    expect(drawText(options(2), survives)).not.toEqual(ids);
  });

  it('gives up if no text survives', () => {
    expect(() => drawText(options(1), () => false)).toThrow('set initText to start from');
  });
});

describe('a text before an example', () => {
  it('is tokenized together with the example, and does not count', () => {
    const { inputIds, lossMask } = withTextBefore('t', example('he cat', ' sat.'), tokenizer);
    expect([...inputIds]).toEqual([...tokenizer.encode('the cat'), ...tokenizer.encode(' sat.')]);
    const labels = tokenizer.encode(' sat.').length;
    expect(lossMask.lastIndexOf(0)).toBe(inputIds.length - labels - 1);
    expect(lossMask.reduce((a, b) => a + b, 0)).toBe(labels);
  });

  it('leaves tokens that are all labels as they are, the first one uncounted', () => {
    const text: EncodedExample = {
      inputIds: Int32Array.from(tokenizer.encode('he cat')),
      lossMask: new Uint8Array(tokenizer.encode('he cat').length).fill(1),
    };
    const { inputIds, lossMask } = withTextBefore('t', text, tokenizer);
    expect([...inputIds]).toEqual([...tokenizer.encode('t'), ...tokenizer.encode('he cat')]);
    expect([...lossMask]).toEqual([0, 0, ...Array(inputIds.length - 2).fill(1)]);
  });

  it('stands before ids that begin within a character', () => {
    const cut = example('猫x', 'y');
    const bytes = apart('猫').length > 1 ? tokenizer.encode('猫x').slice(1) : apart('ü').slice(1);
    const inputIds = Int32Array.from([...bytes, ...tokenizer.encode('y')]);
    const lossMask = new Uint8Array(inputIds.length).fill(1, bytes.length);
    expect([...withTextBefore('t', { ...cut, inputIds, lossMask }, tokenizer).inputIds]).toEqual([
      ...tokenizer.encode('t'),
      ...inputIds,
    ]);
  });

  it('is removed again if its ids are fed separately', () => {
    const whole = example('1 cat', ' sat.');
    const ids = tokenizer.encode('the');
    expect(behindIds(ids, whole, tokenizer)).toEqual(whole);
    expect(behindIds(tokenizer.encode('t'), example('he cat', '.'), tokenizer)).toEqual(
      example('he cat', '.'),
    );
  });

  it('comes after the token that begins every text of the model', () => {
    const begun = { ...tokenizer, startIds: [7] };
    const { inputIds, lossMask } = example('he cat', ' sat.');
    const from: EncodedExample = {
      inputIds: Int32Array.from([7, ...inputIds]),
      lossMask: Uint8Array.from([0, ...lossMask]),
    };
    const whole = withTextBefore('t', from, begun);
    expect([...whole.inputIds]).toEqual([7, ...tokenizer.encode('the cat'), ...tokenizer.encode(' sat.')]);
    expect(whole.lossMask.indexOf(1)).toBe(1 + tokenizer.encode('the cat').length);
    expect(behindIds(tokenizer.encode('1 '), from, begun)).toEqual({ inputIds, lossMask });
    expect(behindIds(tokenizer.encode('t'), from, begun)).toEqual({ inputIds, lossMask }); // merged
    expect(beginnings([from], begun)).toEqual(beginnings([example('he cat', ' sat.')], tokenizer));
  });

  it('can have these beginnings behind it', () => {
    const examples = [
      example('the cat', '.'),
      example('the mat', '.'),
      example('猫', '.'),
      example('', 'that'),
    ];
    expect(beginnings(examples, tokenizer)).toEqual([
      tokenizer.decode(tokenizer.encode('the cat').slice(0, 4)),
      '猫',
      tokenizer.decode(tokenizer.encode('that').slice(0, 4)),
    ]);
    expect(beginnings(examples, tokenizer, 1)).toHaveLength(1);
  });
});
