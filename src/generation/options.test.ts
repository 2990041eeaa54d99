import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { candidatesOf, type GenerationOptions, resolveGenerationOptions } from './options.js';

const candidatesFor = (options: GenerationOptions) => candidatesOf(resolveGenerationOptions(options));

describe('resolveGenerationOptions', () => {
  it('is greedy by default', () => {
    expect(resolveGenerationOptions({})).toEqual({
      maxNewTokens: 64,
      minNewTokens: 0,
      eosTokenIds: new Set(),
      stop: [],
      repetitionPenalty: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      logitBias: new Map(),
      strategy: { kind: 'greedy' },
    });
  });

  it.each<[GenerationOptions, object]>([
    [{ doSample: true }, { temperature: 1, topK: 50, topP: 1, seed: 0 }],
    [{ temperature: 0.7 }, { temperature: 0.7, topK: 50, topP: 1, seed: 0 }],
    [
      { topK: 0, seed: 9 },
      { temperature: 1, topK: 0, topP: 1, seed: 9 },
    ],
    [{ topP: 1 }, { temperature: 1, topK: 50, topP: 1, seed: 0 }],
  ])('draws tokens where sampling is asked for: %j', (options, expected) => {
    expect(resolveGenerationOptions(options).strategy).toEqual({ kind: 'sampling', ...expected });
  });

  it('searches with beams above 1', () => {
    const expected = { kind: 'beam-search', numBeams: 4, lengthPenalty: 1, earlyStopping: false };
    expect(resolveGenerationOptions({ numBeams: 4 }).strategy).toEqual(expected);
    expect(resolveGenerationOptions({ numBeams: 1, doSample: false }).strategy).toEqual({ kind: 'greedy' });
  });

  it('takes one end token or several', () => {
    expect(resolveGenerationOptions({ eosTokenId: 3 }).eosTokenIds).toEqual(new Set([3]));
    expect(resolveGenerationOptions({ eosTokenId: [3, 5] }).eosTokenIds).toEqual(new Set([3, 5]));
  });

  it.each<[GenerationOptions, string]>([
    [{ temperature: -0.5 }, 'temperature: expected a number from 0; 0 takes the most likely token, got -0.5'],
    [{ temperature: Number.NaN }, 'temperature: expected a number from 0'],
    [
      { temperature: 0, doSample: true },
      'temperature 0 takes the most likely token, but doSample true draws',
    ],
    [{ topP: 0 }, 'topP: expected a number above 0, got 0'],
    [{ topP: 1.5 }, 'topP: expected at most 1, got 1.5'],
    [{ topK: -1 }, 'topK: expected at least 0; 0 means every token, got -1'],
    [{ topK: 2.5 }, 'topK: expected an integer from 0, got 2.5'],
    [{ maxNewTokens: 0 }, 'maxNewTokens: expected at least 1, got 0'],
    [{ minNewTokens: 5, maxNewTokens: 4 }, 'minNewTokens: expected at most maxNewTokens (4), got 5'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty: expected a number above 0; 1 means no penalty, got 0'],
    [{ presencePenalty: Infinity }, 'presencePenalty: expected a number'],
    [{ logitBias: { cat: 1 } }, 'logitBias.cat: expected numbers by token id'],
    [{ numBeams: 0 }, 'numBeams: expected an integer from 1 to 256, got 0'],
    [{ numBeams: 1e9 }, 'numBeams: expected an integer from 1 to 256, got 1000000000'],
    [{ stop: ['a', ''] }, 'stop.1: expected a non-empty string, got ""'],
    [{ eosTokenId: -1 }, 'eosTokenId: expected a token id'],
    [{ seed: 2 ** 32 }, 'seed: expected a number below 2^32, got 4294967296'],
    [{ temperature: -1, topP: 2 }, 'got -1; topP: expected at most 1, got 2'],
    [
      { temperature: 1, topK: 4, doSample: false },
      'temperature, topK cannot be combined with doSample false',
    ],
    [{ topP: 0.9, numBeams: 4 }, 'beam search does not draw tokens: leave out topP, or numBeams (4)'],
    [{ doSample: true, numBeams: 2 }, 'leave out doSample, or numBeams (2)'],
    [{ lengthPenalty: 2 }, 'lengthPenalty: it has an effect only in beam search; set numBeams above 1'],
    [{ earlyStopping: true, numBeams: 1 }, 'earlyStopping: it has an effect only in beam search'],
  ])('refuses %j', (options, message) => {
    expect(() => resolveGenerationOptions(options)).toThrow(UsageError);
    expect(() => resolveGenerationOptions(options)).toThrow(message);
  });

  it('refuses options that it does not know and values of another type', () => {
    const unknown: object = { maxTokens: 4 };
    expect(() => resolveGenerationOptions(unknown)).toThrow(
      'maxTokens: the key is unknown; did you mean "maxNewTokens"?',
    );
    const wrongType: object = { earlyStopping: 'always' };
    expect(() => resolveGenerationOptions(wrongType)).toThrow(
      'earlyStopping: expected true, false or \'never\', got "always"',
    );
  });
});

describe('candidatesOf', () => {
  it.each<[GenerationOptions, number | 'all']>([
    [{}, 1],
    [{ eosTokenId: [1, 2] }, 1],
    [{ eosTokenId: [1, 2], minNewTokens: 3 }, 3],
    [{ topK: 40 }, 40],
    [{ temperature: 2 }, 50],
    [{ topK: 0 }, 'all'],
    [{ numBeams: 4 }, 8],
    [{ numBeams: 4, eosTokenId: 1 }, 8],
    [{ numBeams: 4, eosTokenId: [1, 2] }, 12],
    [{ numBeams: 4, eosTokenId: [1, 2], minNewTokens: 1 }, 14],
    [{ repetitionPenalty: 1.2 }, 'all'],
    [{ presencePenalty: 0.5 }, 'all'],
    [{ frequencyPenalty: -0.5 }, 'all'],
    [{ logitBias: { 3: -100 } }, 'all'],
  ])('%j: %s', (options, candidates) => {
    expect(candidatesFor(options)).toBe(candidates);
  });
});
