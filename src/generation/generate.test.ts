import { describe, expect, it } from 'vitest';
import { byteDecode } from '../../test/support/byte-tokenizer.js';
import { PromptuneError, UsageError } from '../errors.js';
import { type GenerateOptions, generate, streamText, streamTokens, type TokenEvent } from './generate.js';
import { candidatesOf, type GenerationOptions, resolveGenerationOptions } from './options.js';
import { fixtureDecoder, type LogitsOf, tableLogit, tableModel } from './table-decoder.fixture.js';

const candidatesFor = (options: GenerationOptions) => candidatesOf(resolveGenerationOptions(options));

const vocabSize = 20;
const seed = 11;
const prompts = [[1, 2, 3], [4], [5, 6], [7, 8, 9, 10], [19]];

function tableDecoder(options: GenerationOptions, maxLength?: number) {
  return fixtureDecoder(tableModel(seed, vocabSize), {
    vocabSize,
    candidates: candidatesFor(options),
    maxLength,
  });
}

/** A model that says `script` after a prompt of one token, whatever the prompt is. */
function scripted(script: readonly number[], size: number): LogitsOf {
  return (ids) => Array.from({ length: size }, (_, id) => (id === script[ids.length - 1] ? 10 : 0));
}

describe('generate', () => {
  it('takes the likeliest token, step by step', async () => {
    const [row] = await generate(tableDecoder({}), [[1, 2, 3]], { maxNewTokens: 12 });
    const ids = [2, 3];
    for (let i = 0; i < 12; i++) {
      const scores = Array.from({ length: vocabSize }, (_, id) =>
        tableLogit(seed, ids.at(-2)!, ids.at(-1)!, id),
      );
      ids.push(scores.indexOf(Math.max(...scores)));
    }
    expect(row).toEqual({ ids: ids.slice(2), text: '', finishReason: 'length' });
  });

  it.each<GenerationOptions>([
    { maxNewTokens: 15, eosTokenId: [2, 13] },
    { maxNewTokens: 15, eosTokenId: 2, temperature: 1.5, seed: 4 },
    { maxNewTokens: 15, eosTokenId: 2, topK: 0, topP: 0.8, repetitionPenalty: 1.4 },
  ])('gives a row what it gets alone: %j', async (options) => {
    const together = await generate(tableDecoder(options), prompts, options);
    for (const [row, prompt] of prompts.entries()) {
      const [alone] = await generate(tableDecoder(options), [prompt], { ...options, firstRow: row });
      expect(together[row]).toEqual(alone);
    }
    const reasons = new Set(together.map(({ finishReason }) => finishReason));
    expect(reasons).toEqual(new Set(['eos', 'length']));
  });

  it.each<GenerationOptions>([
    { maxNewTokens: 60 },
    { maxNewTokens: 60, eosTokenId: [2, 13], minNewTokens: 8 },
    { maxNewTokens: 60, eosTokenId: 2, temperature: 0.4, topK: 0, seed: 4 },
    { maxNewTokens: 60, presencePenalty: 0.1 },
  ])('chooses the same tokens in fewer steps with guesses from the text: %j', async (options) => {
    const plain = tableDecoder(options);
    const expected = await generate(plain, prompts, options);
    const decoder = tableDecoder(options);
    const looked: TokenEvent[] = [];
    const rows = await generate(decoder, prompts, {
      ...options,
      promptLookupNumTokens: 6,
      onToken: (event) => looked.push(event),
    });
    expect(rows).toEqual(expected);
    expect(decoder.batches.length).toBeLessThan(plain.batches.length);
    for (const [row, { ids }] of expected.entries())
      expect(looked.filter((event) => event.row === row).map(({ id }) => id)).toEqual(ids);
  });

  it.each<GenerationOptions>([
    { maxNewTokens: 9, eosTokenId: [2, 13], topK: 0, seed: 4 },
    { maxNewTokens: 9, eosTokenId: 2, numBeams: 40 },
  ])('works on at most 256 rows, however many prompts there are: %j', async (options) => {
    const many = Array.from({ length: options.numBeams ? 20 : 400 }, (_, i) => prompts[i % prompts.length]!);
    const decoder = tableDecoder(options);
    const together = await generate(decoder, many, options);
    const most = Math.max(...decoder.batches.map((rows) => rows.length));
    expect(most).toBeLessThanOrEqual(256);
    expect(most).toBeGreaterThan(200);
    for (const row of [0, 6, 19, 63, 64, 301, 399].filter((row) => row < many.length)) {
      const [alone] = await generate(tableDecoder(options), [many[row]!], { ...options, firstRow: row });
      expect(together[row]).toEqual(alone);
    }
    expect(new Set(together.map(({ finishReason }) => finishReason))).toEqual(new Set(['eos', 'length']));
  });

  it('tells the log-probabilities of tokens as the model has them, whatever the options make of them', async () => {
    const options = { maxNewTokens: 6, topK: 5, temperature: 2, repetitionPenalty: 1.3, seed: 3 };
    const events: TokenEvent[] = [];
    const onToken = (event: TokenEvent) => events.push(event);
    const [row] = await generate(tableDecoder(options), [[1, 2]], { ...options, logprobs: 4, onToken });
    const [plain] = await generate(tableDecoder(options), [[1, 2]], options);
    expect(row).toEqual(plain);
    const ids = [1, 2];
    for (const { id, logprob, alternatives } of events) {
      const scores = Array.from({ length: vocabSize }, (_, token) =>
        tableLogit(seed, ids.at(-2)!, ids.at(-1)!, token),
      );
      const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
      expect(logprob).toBeCloseTo(scores[id]! - total, 5);
      const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 4);
      expect(alternatives!.map(({ id }) => id)).toEqual(best);
      for (const { id, logprob } of alternatives!) expect(logprob).toBeCloseTo(scores[id]! - total, 5);
      ids.push(id);
    }
    const refused = (options: GenerateOptions) => generate(tableDecoder({}), [[1]], options);
    await expect(refused({ logprobs: -1 })).rejects.toThrow('logprobs: expected an integer from 0');
    await expect(refused({ logprobs: 2, numBeams: 2 })).rejects.toThrow(UsageError);
  });

  it('draws the same tokens for the same seed only, and other tokens for each row', async () => {
    const ids = async (options: GenerateOptions) => {
      const rows = await generate(tableDecoder({ topK: 0 }), [[4], [4]], {
        topK: 0,
        maxNewTokens: 20,
        ...options,
      });
      return rows.map((row) => row.ids.join());
    };
    expect(await ids({ seed: 3 })).toEqual(await ids({ seed: 3 }));
    const all = [...(await ids({})), ...(await ids({ seed: 1 })), ...(await ids({ seed: 2 }))];
    expect(new Set(all).size).toBe(6);
  });

  it.each<GenerationOptions>([
    { maxNewTokens: 9, eosTokenId: [2, 13], topK: 0, seed: 4 },
    { maxNewTokens: 9, eosTokenId: 2, numBeams: 3 },
  ])('gives a row with options of its own what it gets alone with them: %j', async (options) => {
    const decode = byteDecode(Array.from({ length: vocabSize }, (_, id) => [0x61 + id]));
    const own = [{}, { maxNewTokens: 3 }, { stop: ['c', 'f'] }, options.topK === 0 ? { seed: 7 } : {}, {}];
    const together = await generate(tableDecoder(options), prompts, { ...options, decode, own });
    for (const [row, prompt] of prompts.entries()) {
      const firstRow = own[row]!.seed === undefined ? row : 0;
      const alone = { ...options, decode, ...own[row], firstRow };
      expect(together[row]).toEqual((await generate(tableDecoder(options), [prompt], alone))[0]);
    }
    expect(together[1]!.ids.length).toBeLessThanOrEqual(3);
  });

  it("ends a row alone at its signal, before its next token, and at once where it hasn't begun", async () => {
    const stop = new AbortController();
    const options = { maxNewTokens: 9 };
    const texts: string[] = [];
    const decode = byteDecode(Array.from({ length: vocabSize }, (_, id) => [0x61 + id]));
    const decoder = tableDecoder(options);
    const rows = await generate(decoder, prompts.slice(0, 3), {
      ...options,
      decode,
      own: [{}, { signal: stop.signal }, { signal: AbortSignal.abort() }],
      onToken: ({ row, text }) => {
        if (row === 1 && texts.push(text) === 4) stop.abort();
      },
    });
    const alone = await generate(tableDecoder(options), prompts.slice(0, 2), { ...options, decode });
    expect(rows[0]).toEqual(alone[0]);
    expect(rows[1]).toEqual({
      ids: alone[1]!.ids.slice(0, 4),
      text: texts.join(''),
      finishReason: 'aborted',
    });
    expect(rows[2]).toEqual({ ids: [], text: '', finishReason: 'aborted' });
    expect(decoder.batches.map((batch) => batch.length)).toEqual([2, 2, 2, 2, 1, 1, 1, 1, 1]);
  });

  it('ends a row at its signal before the next token, also where that was guessed', async () => {
    const stop = new AbortController();
    const tokens = Array.from({ length: 40 }, (_, i) => i % 4);
    const decoder = fixtureDecoder(scripted(tokens, vocabSize), { vocabSize, candidates: 1 });
    let count = 0;
    const [row] = await generate(decoder, [[9]], {
      maxNewTokens: 40,
      promptLookupNumTokens: 6,
      own: [{ signal: stop.signal }],
      onToken: () => {
        if (++count === 12) stop.abort();
      },
    });
    expect(decoder.batches.length).toBeLessThan(12);
    expect(row).toEqual({ ids: tokens.slice(0, 12), text: '', finishReason: 'aborted' });
  });

  it('ends the beam search of a row at its signal', async () => {
    const options = { maxNewTokens: 5, numBeams: 3 };
    const rows = await generate(tableDecoder(options), prompts.slice(0, 2), {
      ...options,
      own: [{ signal: AbortSignal.abort() }, {}],
    });
    expect(rows[0]).toEqual({ ids: [], text: '', finishReason: 'aborted' });
    expect(rows[1]).toEqual((await generate(tableDecoder(options), [prompts[1]!], options))[0]);
  });

  it('draws tokens in proportion to their probabilities', async () => {
    const options = { topK: 0, maxNewTokens: 1 };
    const rows = await generate(tableDecoder(options), new Array<number[]>(3000).fill([4]), options);
    const weights = Array.from({ length: vocabSize }, (_, id) => Math.exp(tableLogit(seed, 0, 4, id)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const chiSquare = weights.reduce((sum, weight, id) => {
      const expected = (3000 * weight) / total;
      return sum + (rows.filter((row) => row.ids[0] === id).length - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(36.2); // 19 degrees of freedom, 1 %
  });

  it('drops rows that have ended, so that they cost nothing', async () => {
    const options = { maxNewTokens: 15, eosTokenId: [2, 13] };
    const decoder = tableDecoder(options);
    const rows = await generate(decoder, prompts, options);
    const batchSizes = decoder.batches.map((batch) => batch.length);
    const expected = batchSizes.map((_, step) => rows.filter(({ ids }) => ids.length > step).length);
    expect(batchSizes).toEqual(expected);
    expect(batchSizes.at(-1)).toBeLessThan(prompts.length);
  });

  it('keeps the end token away until minNewTokens', async () => {
    const script = [3, 3, 3, 3, 3];
    const options = { eosTokenId: 3, minNewTokens: 2, maxNewTokens: 5 };
    const decoder = fixtureDecoder(scripted(script, 4), {
      vocabSize: 4,
      candidates: candidatesFor(options),
    });
    const [row] = await generate(decoder, [[0]], options);
    expect(row!.ids).toEqual([0, 0, 3]);
  });

  it('ends where the context is full', async () => {
    const decoder = tableDecoder({}, 6);
    const rows = await generate(decoder, [[1, 2, 3], [4], [1, 2, 3, 4, 5]], { maxNewTokens: 4 });
    expect(rows.map((row) => [row.ids.length, row.finishReason])).toEqual([
      [3, 'length'],
      [4, 'length'],
      [1, 'length'],
    ]);
  });

  it('does nothing without prompts', async () => {
    const decoder = tableDecoder({});
    expect(await generate(decoder, [], {})).toEqual([]);
    expect(decoder.batches).toEqual([]);
  });
});

describe('tokens and text as they come', () => {
  // 你 in two tokens, 好, an emoji in three, a stop string in two
  const tokens = [
    [0xe4, 0xbd],
    [0xa0],
    [0xe5, 0xa5, 0xbd],
    [0xf0],
    [0x9f, 0x98],
    [0x80],
    [0x0a, 0x23],
    [0x23, 0x0a],
  ];
  const decode = byteDecode([...tokens, [0x2e]]);
  const script = [0, 1, 2, 3, 4, 5, 6, 7, 2, 2];
  const decoder = (candidates = 1) => fixtureDecoder(scripted(script, 9), { vocabSize: 9, candidates });

  it('reports every token with the final text so far, and the row with the last', async () => {
    const events: TokenEvent[] = [];
    const rows = await generate(decoder(), [[8]], {
      decode,
      stop: ['\n##\n'],
      onToken: (event) => events.push(event),
    });
    expect(events.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(events.map(({ text }) => text)).toEqual(['', '你', '好', '', '', '😀', '', '']);
    expect(rows).toEqual([{ ids: [0, 1, 2, 3, 4, 5, 6, 7], text: '你好😀', finishReason: 'stop' }]);
    expect(events.map(({ finished }) => finished)).toEqual([...new Array(7).fill(undefined), rows[0]]);
  });

  it('streams the text of one prompt', async () => {
    const pieces: string[] = [];
    for await (const piece of streamText(decoder(), [8], { decode, eosTokenId: 7 })) pieces.push(piece);
    expect(pieces).toEqual(['你', '好', '😀', '\n#']);
  });

  it('reports the tokens of beam search when the row has ended', async () => {
    const options = { numBeams: 2, maxNewTokens: 6 };
    const events: TokenEvent[] = [];
    for await (const event of streamTokens(decoder(4), [[8]], { ...options, decode }))
      if ('id' in event) events.push(event);
    expect(events.map(({ text }) => text)).toEqual(['', '你', '好', '', '', '😀']);
    expect(events.at(-1)!.finished).toMatchObject({
      ids: [0, 1, 2, 3, 4, 5],
      text: '你好😀',
      finishReason: 'length',
    });
    expect(events.at(-1)!.finished!.score).toBeLessThan(0);
  });

  it('ends the generation when the loop breaks', async () => {
    const left = decoder();
    for await (const piece of streamText(left, [8], { decode })) if (piece === '好') break;
    expect(left.batches).toHaveLength(3);
  });

  it('ends at the signal', async () => {
    const reason = new Error('enough');
    const abort = new AbortController();
    const stopped = decoder();
    const generation = generate(stopped, [[8]], {
      signal: abort.signal,
      onToken: ({ id }) => {
        if (id === 2) abort.abort(reason);
      },
    });
    await expect(generation).rejects.toBe(reason);
    expect(stopped.batches).toHaveLength(3);
    await expect(generate(stopped, [[8]], { signal: abort.signal, numBeams: 2 })).rejects.toBe(reason);
  });
});

describe('what generate refuses', () => {
  const refusal = (
    given: readonly number[][],
    options: GenerateOptions = {},
    decoder = tableDecoder(options, 8),
  ) => generate(decoder, given, options);

  it('prompts that are too long or of another vocabulary', async () => {
    const tooLong = refusal([new Array<number>(8).fill(1)]);
    await expect(tooLong).rejects.toThrow(
      'prompt 0 has 8 tokens, which leaves no room for a new one: the model holds 8',
    );
    await expect(refusal([[1, 20]])).rejects.toThrow(
      'prompt 0 has 20 as token 1, expected a token id from 0 to 19',
    );
    await expect(refusal([[1, -1]])).rejects.toThrow(PromptuneError);
    await expect(refusal([[1.5]])).rejects.toThrow('prompt 0 has 1.5 as token 0');
  });

  it('stop strings without decode', async () => {
    await expect(refusal([[1]], { stop: ['x'] })).rejects.toThrow(UsageError);
  });

  it('a decoder made for fewer candidates', async () => {
    const generation = refusal([[1]], { topK: 5 }, tableDecoder({}));
    await expect(generation).rejects.toThrow(
      'these options need 5 candidates per token, but the decoder gives 1',
    );
  });

  it('scores that are not numbers', async () => {
    const broken: LogitsOf = (ids) => [0, 0, ids.length > 2 ? Number.NaN : 1];
    const decoder = fixtureDecoder(broken, { vocabSize: 3 });
    await expect(generate(decoder, [[1]])).rejects.toThrow(
      "the model's scores for new token 3 are not finite",
    );
  });
});
