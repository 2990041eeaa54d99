/** @file The options of generation: names and meanings of transformers' GenerationConfig, checked and with defaults. */
import { z } from 'zod';
import { optionError, UsageError } from '../errors.js';
import { schemaProblems, unknownKey } from '../schema-problems.js';

const tokenId = z.int('must be a token id, a whole number from 0').min(0, 'must be a token id, from 0');
const penalty = 'must be a number above 0; 1 means no penalty';
const beams = 'must be a whole number from 1';
const temperature = 'must be a number from 0; 0 takes the likeliest token';

/** A description ends with the default where that is not a constant. */
export const generationOptionsSchema = z.strictObject({
  // A row also ends where the model's context is full.
  maxNewTokens: z
    .int('must be a whole number from 1')
    .min(1, 'must be at least 1')
    .default(64)
    .describe('most tokens to generate'),
  // Stop strings are not held back.
  minNewTokens: z
    .int('must be a whole number from 0')
    .min(0, 'must be at least 0')
    .default(0)
    .describe('no end token before so many new tokens'),
  eosTokenId: z
    .union([tokenId, z.array(tokenId)], 'must be a token id or a list of token ids')
    .optional()
    .describe("the token, or tokens, that end a text (default: all that the model's files name)"),
  // They are found wherever the token borders lie, and the text is cut before them.
  stop: z
    .array(z.string('must be a text').min(1, 'must not be empty'), 'must be a list of texts')
    .default([])
    .describe('end before this text (default: none)'),
  // Divides (or, where negative, multiplies) the score of every token that the prompt or the new text holds.
  repetitionPenalty: z
    .number(penalty)
    .gt(0, penalty)
    .default(1)
    .describe('above 1, tokens that were used become less likely'),

  doSample: z
    .boolean('must be true or false')
    .optional()
    .describe('draw tokens, or take the likeliest (default: draw where temperature, topK or topP is given)'),
  // Divides the scores before tokens are drawn.
  temperature: z
    .number(temperature)
    .min(0, temperature)
    .optional()
    .describe('bolder above 1, safer below; 0 takes the likeliest token (default: 1)'),
  topK: z
    .int('must be a whole number from 0')
    .min(0, 'must be at least 0; 0 means every token')
    .optional()
    .describe('among the n likeliest; 0: among all (default: 50)'),
  topP: z
    .number('must be a number')
    .gt(0, 'must be above 0')
    .lte(1, 'must be at most 1')
    .optional()
    .describe('among the likeliest that make up this probability (default: 1)'),
  seed: z
    .int('must be a whole number')
    .min(0, 'must be at least 0')
    .max(0xffffffff, 'must be below 2^32')
    .default(0)
    .describe('the same seed draws the same tokens'),

  numBeams: z.int(beams).min(1, beams).default(1).describe('beam search with n beams; 1: none'),
  // A finished beam's score is its log-probability / (new tokens ^ lengthPenalty).
  lengthPenalty: z
    .number('must be a number')
    .optional()
    .describe('of beam search; above 0 favors long texts (default: 1)'),
  // true: as soon as there are numBeams finished beams; false: when the best open beam could not become better at its
  // present length; 'never': when it could not at any length.
  earlyStopping: z
    .union([z.boolean(), z.literal('never')], "must be true, false or 'never'")
    .optional()
    .describe('when beam search ends: at enough finished beams (true), at none better (false), or never'),
});

/** What may be asked of generation. Nothing given: greedy decoding of 64 tokens. */
export type GenerationOptions = z.input<typeof generationOptionsSchema>;

export interface Greedy {
  readonly kind: 'greedy';
}

export interface Sampling {
  readonly kind: 'sampling';
  readonly temperature: number;
  /** 0 for every token. */
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
}

export interface BeamSearch {
  readonly kind: 'beam-search';
  readonly numBeams: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | 'never';
}

export interface ResolvedGenerationOptions {
  readonly maxNewTokens: number;
  readonly minNewTokens: number;
  readonly eosTokenIds: ReadonlySet<number>;
  readonly stop: readonly string[];
  readonly repetitionPenalty: number;
  readonly strategy: Greedy | Sampling | BeamSearch;
}

/** Checks the options and fills in the defaults. Throws a UsageError that names every option that is wrong. */
export function resolveGenerationOptions(options: GenerationOptions): ResolvedGenerationOptions {
  const parsed = generationOptionsSchema.safeParse(options);
  if (!parsed.success)
    throw new UsageError(
      schemaProblems(generationOptionsSchema, options, (key) =>
        unknownKey(key, Object.keys(generationOptionsSchema.shape)),
      ),
    );

  const { maxNewTokens, minNewTokens, eosTokenId = [], stop, repetitionPenalty } = parsed.data;
  if (minNewTokens > maxNewTokens) {
    throw optionError(
      'minNewTokens',
      `must not be above maxNewTokens (${maxNewTokens}), got ${minNewTokens}`,
    );
  }
  return {
    maxNewTokens,
    minNewTokens,
    eosTokenIds: new Set(typeof eosTokenId === 'number' ? [eosTokenId] : eosTokenId),
    stop,
    repetitionPenalty,
    strategy: resolveStrategy(parsed.data),
  };
}

function resolveStrategy(
  options: z.output<typeof generationOptionsSchema>,
): ResolvedGenerationOptions['strategy'] {
  const { temperature, topK, topP, seed, numBeams, lengthPenalty, earlyStopping } = options;
  if (temperature === 0 && options.doSample)
    throw new UsageError(
      'temperature 0 takes the likeliest token, and doSample true draws: leave one of them out',
    );
  // Clients that ask for the likeliest token so often name topP or topK besides, which then mean nothing.
  const samplingGiven = temperature === 0 ? [] : namesGiven({ temperature, topK, topP });
  const doSample = options.doSample ?? samplingGiven.length > 0;

  if (!doSample && samplingGiven.length > 0) {
    throw new UsageError(
      `${samplingGiven.join(', ')} cannot go with doSample false: leave one or the other out`,
    );
  }
  if (numBeams > 1) {
    if (doSample) {
      const given = samplingGiven.length > 0 ? samplingGiven.join(', ') : 'doSample';
      throw new UsageError(`beam search does not draw tokens: leave out ${given}, or numBeams (${numBeams})`);
    }
    return {
      kind: 'beam-search',
      numBeams,
      lengthPenalty: lengthPenalty ?? 1,
      earlyStopping: earlyStopping ?? false,
    };
  }
  const beamGiven = namesGiven({ lengthPenalty, earlyStopping });
  if (beamGiven.length > 0) {
    const message = 'it only means something in beam search; give numBeams above 1';
    throw new UsageError(beamGiven.map((name) => ({ path: [name], message })));
  }
  return doSample
    ? { kind: 'sampling', temperature: temperature ?? 1, topK: topK ?? 50, topP: topP ?? 1, seed }
    : { kind: 'greedy' };
}

function namesGiven(options: Record<string, unknown>): string[] {
  return Object.keys(options).filter((name) => options[name] !== undefined);
}

/**
 * Candidates that a decoder must give for each row to generate with these options; `'all'` for the whole vocabulary.
 * With few candidates the scores of the vocabulary never leave the model's graph.
 */
export function candidatesOf(options: ResolvedGenerationOptions): number | 'all' {
  const { strategy, repetitionPenalty, minNewTokens, eosTokenIds } = options;
  if (repetitionPenalty !== 1) return 'all'; // any token may turn out to be among the best
  const suppressed = minNewTokens > 0 ? eosTokenIds.size : 0;
  switch (strategy.kind) {
    case 'greedy':
      return 1 + suppressed;
    case 'sampling':
      return strategy.topK === 0 ? 'all' : strategy.topK + suppressed;
    case 'beam-search':
      return beamCandidates(strategy.numBeams, eosTokenIds.size) + suppressed;
  }
}

/**
 * Continuations that beam search looks at in each step: enough that numBeams stay open when others meet an end token.
 */
export function beamCandidates(numBeams: number, eosTokens: number): number {
  return numBeams * Math.max(2, 1 + eosTokens);
}
