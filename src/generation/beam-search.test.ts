import { describe, expect, it } from 'vitest';
import { generate } from './generate.js';
import { candidatesOf, type GenerationOptions, resolveGenerationOptions } from './options.js';
import { fixtureDecoder, type LogitsOf, tableModel } from './table-decoder.fixture.js';

const candidatesFor = (options: GenerationOptions) => candidatesOf(resolveGenerationOptions(options));

/** Every sequence that ends with `eos` or has `length` tokens, with its log-probability after `prompt`. */
function* allSequences(
  logitsOf: LogitsOf,
  prompt: readonly number[],
  eos: number | undefined,
  length: number,
): Generator<{ ids: number[]; logProbability: number }> {
  const open = [{ ids: [] as number[], logProbability: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const logits = Array.from(logitsOf([...prompt, ...next.ids]));
    const logSumExp = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    for (const [id, logit] of logits.entries()) {
      const sequence = { ids: [...next.ids, id], logProbability: next.logProbability + logit - logSumExp };
      if (id === eos || sequence.ids.length === length) yield sequence;
      else open.push(sequence);
    }
  }
}

describe('beam search with a beam for every sequence', () => {
  const vocabSize = 3;
  const length = 4;
  const cases = [0, 1, 2, 3, 4].flatMap((seed) =>
    [undefined, 1].flatMap((eos) =>
      [0, 0.7, 1, 3, -1].map((lengthPenalty) => ({ seed, eos, lengthPenalty })),
    ),
  );

  it.each(cases)('finds the best of all: %j', async ({ seed, eos, lengthPenalty }) => {
    const logitsOf = tableModel(seed, vocabSize);
    const prompt = [2, 0];
    const score = (each: { ids: number[]; logProbability: number }) =>
      each.logProbability / each.ids.length ** lengthPenalty;
    const best = [...allSequences(logitsOf, prompt, eos, length)].reduce((a, b) =>
      score(b) > score(a) ? b : a,
    );

    const options = {
      numBeams: vocabSize ** length,
      maxNewTokens: length,
      lengthPenalty,
      eosTokenId: eos ?? [],
    };
    const [row] = await generate(fixtureDecoder(logitsOf, { vocabSize }), [prompt], options);
    expect(row!.ids).toEqual(best.ids);
    expect(row!.score).toBeCloseTo(score(best), 5);
    expect(row!.finishReason).toBe(best.ids.at(-1) === eos ? 'eos' : 'length');
  });
});

/** A model of three tokens (0 ends) after prompt [1]: probabilities by the new tokens, an even chance for the rest. */
function smallModel(probabilities: Record<string, [end: number, one: number, two: number]>): LogitsOf {
  return (ids) => (probabilities[ids.slice(1).join('')] ?? [1 / 3, 1 / 3, 1 / 3]).map(Math.log);
}

async function search(logitsOf: LogitsOf, options: GenerationOptions) {
  const all = { numBeams: 2, eosTokenId: 0, ...options };
  const decoder = fixtureDecoder(logitsOf, { vocabSize: 3, candidates: candidatesFor(all) });
  const [row] = await generate(decoder, [[1]], all);
  return { ...row!, steps: decoder.batches.length };
}

describe('beam search by hand', () => {
  it('finds what greedy decoding misses', async () => {
    const logitsOf = smallModel({ '': [0.01, 0.59, 0.4], '1': [0.3, 0.4, 0.3], '2': [0.9, 0.05, 0.05] });
    const greedy = await search(logitsOf, { numBeams: 1, maxNewTokens: 2 });
    expect(greedy.ids).toEqual([1, 1]);
    const beam = await search(logitsOf, { maxNewTokens: 2, lengthPenalty: 0 });
    expect(beam.ids).toEqual([2, 0]);
    expect(beam.score).toBeCloseTo(Math.log(0.4 * 0.9), 5);
  });

  it('weighs length by the length penalty', async () => {
    // [0] has probability 0.5; [1, 1, 0] has 0.45 * 0.9 * 0.9.
    const logitsOf = smallModel({ '': [0.5, 0.45, 0.05], '1': [0.05, 0.9, 0.05], '11': [0.9, 0.05, 0.05] });
    const short = await search(logitsOf, { maxNewTokens: 3, lengthPenalty: 0 });
    expect(short.ids).toEqual([0]);
    expect(short.score).toBeCloseTo(Math.log(0.5), 5);
    const long = await search(logitsOf, { maxNewTokens: 3, lengthPenalty: 1 });
    expect(long.ids).toEqual([1, 1, 0]);
    expect(long.score).toBeCloseTo(Math.log(0.45 * 0.9 * 0.9) / 3, 5);
  });

  it('ends early, when no beam can become better, or never before that is certain', async () => {
    // Two hypotheses after step 2: [0] (0.31) and [1, 0] (0.4 * 0.4). [1, 1] (0.4 * 0.35) is worse, but goes on at no
    // cost.
    const certain: [number, number, number] = [1e-9, 1 - 2e-9, 1e-9];
    const logitsOf = smallModel({
      '': [0.31, 0.4, 0.29],
      '1': [0.4, 0.35, 0.25],
      ...Object.fromEntries(['11', '111', '1111', '11111'].map((ids) => [ids, certain])),
    });
    const options = { maxNewTokens: 6, lengthPenalty: 1 };
    const early = await search(logitsOf, { ...options, earlyStopping: true });
    expect(early).toMatchObject({ ids: [1, 0], steps: 2 });
    const patient = await search(logitsOf, { ...options, earlyStopping: 'never' });
    expect(patient).toMatchObject({ ids: [1, 1, 1, 1, 1, 1], steps: 6 });
    expect(patient.score).toBeCloseTo(Math.log(0.4 * 0.35) / 6, 5);
  });

  it('finishes a beam at a stop string', async () => {
    const logitsOf = smallModel({ '': [0.01, 0.59, 0.4], '1': [0.01, 0.5, 0.49], '2': [0.01, 0.98, 0.01] });
    const decode = (ids: readonly number[]) => ids.map((id) => '.ab'[id]).join('');
    const options = { numBeams: 2, eosTokenId: 0, lengthPenalty: 0, maxNewTokens: 5, stop: ['ba'] };
    const decoder = fixtureDecoder(logitsOf, { vocabSize: 3, candidates: candidatesFor(options) });
    const [row] = await generate(decoder, [[1]], { ...options, decode });
    expect(row).toMatchObject({ ids: [2, 1], text: '', finishReason: 'stop' });
  });
});

describe('beam search in a batch', () => {
  it('gives each prompt what it gets alone, in the order of the prompts', async () => {
    const vocabSize = 12;
    const options = { numBeams: 3, maxNewTokens: 10, eosTokenId: [4, 7] };
    const prompts = [[1], [2, 3, 5], [4, 1], [9, 9, 9, 9], [11]];
    const decoder = () =>
      fixtureDecoder(tableModel(3, vocabSize), { vocabSize, candidates: candidatesFor(options) });
    const together = await generate(decoder(), prompts, options);
    for (const [row, prompt] of prompts.entries()) {
      expect(together[row]).toEqual((await generate(decoder(), [prompt], options))[0]);
    }
    expect(new Set(together.map(({ ids }) => ids.length)).size).toBeGreaterThan(1);
  });
});
