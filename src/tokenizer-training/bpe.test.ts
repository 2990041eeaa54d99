/** @file Trained tokenizers in use, and the trainer against a naive one that recounts every pair. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { Pipeline } from '../tokenizer/pipeline.js';
import { type TrainBpeOptions, trainBpe } from './bpe.js';
import { characterOfId, idOfByte } from './byte-alphabet.js';
import { learnMerges, type Merge } from './learn-merges.js';
import { joinShapes, shapeOfByte } from './merge-rule.js';
import { countWords } from './word-table.js';

const corpus = [
  'The cat sat on the mat. The cat is a good cat, and the dog is a good dog.',
  '一只可爱的猫，毛茸茸的，喜欢睡觉。猫喜欢鱼，狗喜欢肉。一只可爱的狗，喜欢睡觉。',
  'def double(x):\n    return x * 2\n\nprint(double(21))  # 42',
  "It's 12 o'clock 🐱🐱 and I'll go.   Naïve café, naïve café.",
];

async function trained(options: Partial<TrainBpeOptions> = {}) {
  const json = await trainBpe({ texts: corpus, vocabSize: 400, ...options });
  const pipeline = new Pipeline({ ...json }, 'tokenizer.json');
  const encode = (text: string) => pipeline.encode(text, { addSpecialTokens: true, continues: false });
  const decode = (ids: readonly number[]) => pipeline.decode(ids, false);
  const tokenize = (text: string) => encode(text).map((id) => pipeline.tokenOf(id));
  return { json, tokenizer: { encode, decode, tokenize } };
}

describe('trainBpe', () => {
  it('numbers bytes, merges and special tokens as GPT-2 does', async () => {
    const { json, tokenizer } = await trained({ vocabSize: 300 });
    expect(Object.keys(json.model.vocab)).toHaveLength(300);
    expect(json.model.vocab['!']).toBe(0);
    expect(json.model.vocab.Ġ).toBe(220); // as in GPT-2
    expect(json.model.merges).toHaveLength(300 - 256 - 1);
    expect(tokenizer.encode('<|endoftext|>')).toEqual([299]);
  });

  it('learns the most frequent pair first', async () => {
    const { json } = await trained({ texts: ['ab ab ab cd cd'], vocabSize: 260 });
    expect(json.model.merges).toEqual(['a b', 'c d', 'Ġ ab']); // 3 times, then twice each: lower ids first
  });

  it('gives texts back as they were', async () => {
    const { tokenizer } = await trained();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
    for (const text of corpus) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it('keeps whole characters and at most the given number of Chinese ones', async () => {
    const twice = [...corpus, ...corpus]; // so that every character is learned
    const { tokenizer } = await trained({ texts: twice, vocabSize: 2000 });
    expect(tokenizer.encode('喜欢')).toHaveLength(1);
    const { tokenizer: single } = await trained({ texts: twice, vocabSize: 2000, maxHanCharacters: 1 });
    for (const { model, maxHan } of [
      { model: tokenizer, maxHan: 2 },
      { model: single, maxHan: 1 },
    ]) {
      for (const id of model.encode(corpus[1]!)) {
        const token = model.decode([id]);
        expect(token).not.toContain('\ufffd');
        expect([...token].filter((c) => /\p{Script=Han}/u.test(c)).length).toBeLessThanOrEqual(maxHan);
      }
    }
  });

  it('does not learn from special tokens in the text', async () => {
    const { json } = await trained({ texts: ['a<|endoftext|>a<|endoftext|>a<|endoftext|>'] });
    expect(json.model.merges).toEqual([]);
  });

  it('does not depend on the order of the texts', async () => {
    const { json } = await trained();
    expect((await trained({ texts: corpus.toReversed() })).json).toEqual(json);
  });

  it('reads texts as they come', async () => {
    async function* stream() {
      yield* corpus;
    }
    expect((await trained({ texts: stream() })).json).toEqual((await trained()).json);
  });

  it('reports each merge and stops when told to', async () => {
    const seen: number[] = [];
    await trained({ vocabSize: 260, onProgress: ({ merges, maxMerges }) => seen.push(merges, maxMerges) });
    expect(seen).toEqual([1, 3, 2, 3, 3, 3]);
    const controller = new AbortController();
    const stopped = trained({ signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toThrow('aborted');
  });

  it('refuses a vocabulary too small for the bytes', async () => {
    await expect(trained({ vocabSize: 256 })).rejects.toThrow(UsageError);
    await expect(trained({ vocabSize: 256 })).rejects.toThrow('at least 257');
  });
});

describe('learnMerges', () => {
  it('agrees with a trainer that recounts every pair before every merge', async () => {
    // Few letters, so that pairs overlap (aaa) and tie; Chinese characters with the same first byte, which must stay
    // whole.
    const word = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '猫', '狗', '狼', 'é', '🐱'),
      minLength: 1,
      maxLength: 9,
    });
    const words = fc.uniqueArray(fc.tuple(word, fc.integer({ min: 1, max: 4 })), {
      selector: ([text]) => text,
    });
    await fc.assert(
      fc.asyncProperty(words, fc.integer({ min: 1, max: 3 }), async (entries, maxHan) => {
        const options = { words: new Map(entries), maxMerges: 30, maxHan };
        expect(await learnMerges(options)).toEqual(learnMergesPlainly(options));
      }),
      { numRuns: 300 },
    );
  });

  it('segments its own words as the library does', async () => {
    const { json, tokenizer } = await trained();
    const words = await countWords(corpus, []);
    const rank = new Map(json.model.merges.map((merge, i) => [merge, i]));
    for (const word of words.keys()) {
      let tokens = [...Buffer.from(word)].map((byte) => characterOfId[idOfByte[byte]!]!);
      for (;;) {
        const ranks = tokens
          .slice(1)
          .map((right, i) => rank.get(`${tokens[i]} ${right}`) ?? Number.POSITIVE_INFINITY);
        const best = ranks.indexOf(Math.min(...ranks));
        if (best < 0 || ranks[best] === Number.POSITIVE_INFINITY) break;
        tokens = tokens.toSpliced(best, 2, tokens[best]! + tokens[best + 1]!);
      }
      expect(tokenizer.tokenize(word)).toEqual(tokens);
    }
  });
});

function learnMergesPlainly(options: {
  words: Map<string, number>;
  maxMerges: number;
  maxHan: number;
}): Merge[] {
  const shapes = Array.from({ length: 256 }, (_, id) => shapeOfByte(idOfByte.indexOf(id)));
  const words = [...options.words].map(([text, count]) => ({
    tokens: [...Buffer.from(text)].map((byte) => idOfByte[byte]!),
    count,
  }));
  const merges: Merge[] = [];
  while (merges.length < options.maxMerges) {
    const counts = new Map<string, { merge: Merge; count: number }>();
    for (const { tokens, count } of words) {
      for (let i = 1; i < tokens.length; i++) {
        const merge: Merge = [tokens[i - 1]!, tokens[i]!];
        counts.set(`${merge}`, { merge, count: (counts.get(`${merge}`)?.count ?? 0) + count });
      }
    }
    const [best] = [...counts.values()]
      .filter(({ count, merge: [a, b] }) => count >= 2 && joinShapes(shapes[a]!, shapes[b]!, options.maxHan))
      .sort((x, y) => y.count - x.count || x.merge[0] - y.merge[0] || x.merge[1] - y.merge[1]);
    if (best === undefined) break;
    const [a, b] = best.merge;
    const id = shapes.push(joinShapes(shapes[a]!, shapes[b]!, options.maxHan)!) - 1;
    for (const word of words) {
      for (let i = 0; i < word.tokens.length; i++) {
        if (word.tokens[i] === a && word.tokens[i + 1] === b) word.tokens.splice(i, 2, id);
      }
    }
    merges.push(best.merge);
  }
  return merges;
}
