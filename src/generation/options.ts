/** @file Options of generation, with the names and meanings of transformers' GenerationConfig. */
import * as z from 'zod';
import { optionError, UsageError } from '../errors.js';
import type { JsonSchema } from '../grammar/index.js';
import { say } from '../say.js';
import { parseOptions } from '../schema-problems.js';

const tokenId = z.int('expected a token id, an integer from 0').min(0, 'expected a token id, from 0');
const penalty = 'expected a number above 0; 1 means no penalty';
/** Beams are rows: each has keys and values of its own. */
const maxBeams = 256;
const beams = { error: () => say`expected an integer from 1 to ${maxBeams}` };
const temperature = 'expected a number from 0; 0 takes the most likely token';

/** A description ends with the default if that is not a constant. */
export const generationOptionsSchema = z.strictObject({
  // A row also ends when the model's context is full.
  maxNewTokens: z
    .int('expected an integer from 1')
    .min(1, 'expected at least 1')
    .default(64)
    .describe('maximum number of tokens to generate'),
  // Does not apply to stop strings.
  minNewTokens: z
    .int('expected an integer from 0')
    .min(0, 'expected at least 0')
    .default(0)
    .describe('no end token before this many new tokens'),
  eosTokenId: z
    .union([tokenId, z.array(tokenId)], 'expected a token id or a list of token ids')
    .optional()
    .describe("the token or tokens that end a text (default: those in the model's files)"),
  // Found across token boundaries. The text is cut before the stop string.
  stop: z
    .array(z.string('expected a string').min(1, 'expected a non-empty string'), 'expected a list of strings')
    .default([])
    .describe('stop before this text (default: none)'),
  // Divides (multiplies if negative) the score of every token in the prompt or the new text.
  repetitionPenalty: z
    .number(penalty)
    .gt(0, penalty)
    .default(1)
    .describe('above 1, tokens that occurred become less likely'),
  // As OpenAI's API defines them: of the new text alone, not of the prompt.
  presencePenalty: z
    .number('expected a number')
    .default(0)
    .describe('subtracted from the score of every token that was generated before'),
  frequencyPenalty: z
    .number('expected a number')
    .default(0)
    .describe('subtracted once for each time that a token was generated before'),
  logitBias: z
    .record(z.string().regex(/^\d+$/), z.number('expected a number'), 'expected numbers by token id')
    .default({})
    .describe('added to the scores of these tokens, by their ids (default: none)'),
  // Of the JSON Schemas that there are, grammar/json-schema.ts says what is supported.
  jsonSchema: z
    .union([z.record(z.string(), z.unknown()), z.boolean()], 'expected a JSON Schema')
    .optional()
    .describe('the text is JSON that is valid by this schema (default: any text)'),

  // Faster where a text repeats parts of its prompt or of itself. The tokens are the same.
  promptLookupNumTokens: z
    .int('expected an integer from 1')
    .min(1, 'expected at least 1')
    .max(64, 'expected at most 64')
    .optional()
    .describe(
      'guess up to this many tokens per step from the text so far, for speed where it repeats (default: none)',
    ),

  doSample: z
    .boolean('expected true or false')
    .optional()
    .describe(
      'draw tokens instead of taking the most likely (default: draw if temperature, topK or topP is set)',
    ),
  // Divides the scores before tokens are drawn.
  temperature: z
    .number(temperature)
    .min(0, temperature)
    .optional()
    .describe('more random above 1, less below; 0 takes the most likely token (default: 1)'),
  topK: z
    .int('expected an integer from 0')
    .min(0, 'expected at least 0; 0 means every token')
    .optional()
    .describe('draw from the n most likely tokens; 0: from all (default: 50)'),
  topP: z
    .number('expected a number')
    .gt(0, 'expected a number above 0')
    .lte(1, 'expected at most 1')
    .optional()
    .describe('draw from the most likely tokens that add up to this probability (default: 1)'),
  seed: z
    .int('expected an integer')
    .min(0, 'expected at least 0')
    .max(0xffffffff, 'expected a number below 2^32')
    .default(0)
    .describe('the same seed draws the same tokens'),

  numBeams: z
    .int(beams)
    .min(1, beams)
    .max(maxBeams, beams)
    .default(1)
    .describe('number of beams of beam search; 1: no beam search'),
  // A finished beam's score is its log-probability / (new tokens ^ lengthPenalty).
  lengthPenalty: z
    .number('expected a number')
    .optional()
    .describe('of beam search; above 0 favors longer texts (default: 1)'),
  // true: as soon as there are numBeams finished beams; false: when the best open beam could not improve at its current
  // length; 'never': when it could not improve at any length.
  earlyStopping: z
    .union([z.boolean(), z.literal('never')], "expected true, false or 'never'")
    .optional()
    .describe(
      'when beam search ends: with enough finished beams (true), when none can improve (false), or never',
    ),
});

/** Options of generation. Default: greedy decoding of 64 tokens. */
export type GenerationOptions = z.input<typeof generationOptionsSchema>;

/** Options of one prompt, which count before those of the request. */
export interface RowOptions {
  /** Maximum number of tokens to generate. */
  readonly maxNewTokens?: number;
  /**
   * Draws the tokens that the prompt gets alone with this seed, wherever it stands in the list. Without it, the tokens
   * depend on the request's seed and on the place.
   */
  readonly seed?: number;
  /** Stop before any of these texts, instead of the request's. */
  readonly stop?: readonly string[];
  /**
   * Ends this row alone, before its next token: it keeps what it has, with the finish reason `aborted`. The request's
   * signal ends all rows, with an error.
   */
  readonly signal?: AbortSignal;
}

export interface Greedy {
  readonly kind: 'greedy';
}

export interface Sampling {
  readonly kind: 'sampling';
  readonly temperature: number;
  /** 0 means every token. */
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
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  /** By token id. */
  readonly logitBias: ReadonlyMap<number, number>;
  /** The text is JSON that is valid by it. */
  readonly jsonSchema?: JsonSchema;
  readonly promptLookupNumTokens?: number;
  readonly strategy: Greedy | Sampling | BeamSearch;
}

/** Checks the options and fills in defaults. Throws a UsageError that names every invalid option. */
export function resolveGenerationOptions(options: GenerationOptions): ResolvedGenerationOptions {
  const parsed = parseOptions(generationOptionsSchema, options);
  const { maxNewTokens, minNewTokens, eosTokenId = [], stop } = parsed;
  const {
    repetitionPenalty,
    presencePenalty,
    frequencyPenalty,
    logitBias,
    jsonSchema,
    promptLookupNumTokens,
  } = parsed;
  if (minNewTokens > maxNewTokens) {
    throw optionError(
      'minNewTokens',
      say`expected at most maxNewTokens (${maxNewTokens}), got ${minNewTokens}`,
    );
  }
  const strategy = resolveStrategy(parsed);
  if (jsonSchema !== undefined && strategy.kind === 'beam-search')
    throw optionError('jsonSchema', say`beam search writes no JSON by a schema; leave numBeams out`);
  if (jsonSchema !== undefined && minNewTokens > 0)
    throw optionError('minNewTokens', say`a text by jsonSchema ends where its JSON does; leave it out`);
  if (promptLookupNumTokens !== undefined && strategy.kind === 'beam-search')
    throw optionError('promptLookupNumTokens', say`beam search guesses no tokens; leave it or numBeams out`);
  return {
    maxNewTokens,
    minNewTokens,
    eosTokenIds: new Set(typeof eosTokenId === 'number' ? [eosTokenId] : eosTokenId),
    stop,
    repetitionPenalty,
    presencePenalty,
    frequencyPenalty,
    logitBias: new Map(Object.entries(logitBias).map(([id, bias]) => [Number(id), bias])),
    ...(jsonSchema !== undefined && { jsonSchema }),
    ...(promptLookupNumTokens !== undefined && { promptLookupNumTokens }),
    strategy,
  };
}

/**
 * The options of one row. @param given of the request @param own of the row's prompt, before those of the request
 * @throws UsageError that names the prompt
 */
export function resolveRowOptions(
  given: GenerationOptions,
  { signal: _, stop, ...own }: RowOptions,
  row: number,
): ResolvedGenerationOptions {
  try {
    return resolveGenerationOptions({ ...given, ...own, ...(stop && { stop: [...stop] }) });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const problems = error.problems.map(({ path, ...rest }) => ({
      path: [`prompt ${row}`, ...path],
      ...rest,
    }));
    throw new UsageError(problems.length > 0 ? problems : say`prompt ${row}: ${error.message}`, {
      cause: error,
    });
  }
}

function resolveStrategy(
  options: z.output<typeof generationOptionsSchema>,
): ResolvedGenerationOptions['strategy'] {
  const { temperature, topK, topP, seed, numBeams, lengthPenalty, earlyStopping } = options;
  if (temperature === 0 && options.doSample)
    throw new UsageError(
      say`temperature 0 takes the most likely token, but doSample true draws: leave one of them out`,
    );
  // Clients that set temperature 0 often set topP or topK too, which then have no effect.
  const samplingGiven = temperature === 0 ? [] : namesGiven({ temperature, topK, topP });
  const doSample = options.doSample ?? samplingGiven.length > 0;

  if (!doSample && samplingGiven.length > 0) {
    throw new UsageError(
      say`${samplingGiven.join(', ')} cannot be combined with doSample false: leave out one or the
        other`,
    );
  }
  if (numBeams > 1) {
    if (doSample) {
      const given = samplingGiven.length > 0 ? samplingGiven.join(', ') : 'doSample';
      throw new UsageError(
        say`beam search does not draw tokens: leave out ${given}, or numBeams (${numBeams})`,
      );
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
    const message = say`it has an effect only in beam search; set numBeams above 1`;
    throw new UsageError(beamGiven.map((name) => ({ path: [name], message })));
  }
  return doSample
    ? { kind: 'sampling', temperature: temperature ?? 1, topK: topK ?? 50, topP: topP ?? 1, seed }
    : { kind: 'greedy' };
}

function namesGiven(options: Record<string, unknown>): string[] {
  return Object.keys(options).filter((name) => options[name] !== undefined);
}

/** Whether scores change before the strategy sees them. */
const changesScores = (options: ResolvedGenerationOptions) =>
  options.repetitionPenalty !== 1 ||
  options.presencePenalty !== 0 ||
  options.frequencyPenalty !== 0 ||
  options.logitBias.size > 0 ||
  options.jsonSchema !== undefined;

/**
 * Candidates that a decoder must return per row for these options; `'all'` for the whole vocabulary. With few
 * candidates, the scores of the vocabulary never leave the model's graph.
 */
export function candidatesOf(options: ResolvedGenerationOptions): number | 'all' {
  const { strategy, minNewTokens, eosTokenIds } = options;
  if (changesScores(options)) return 'all'; // any token may become one of the best
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

/** Continuations that beam search considers per step: enough that numBeams stay open when others end. */
export function beamCandidates(numBeams: number, eosTokens: number): number {
  return numBeams * Math.max(2, 1 + eosTokens);
}
