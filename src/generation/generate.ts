/**
 * @file Generation from prompts to tokens and text, streamed (`streamTokens`, `streamText`) or at once (`generate`).
 */
import { optionError, PromptuneError, UsageError } from '../errors.js';
import type { Grammars } from '../grammar/index.js';
import { randomStream } from '../random.js';
import { say } from '../say.js';
import type { Decode } from '../text/text-stream.js';
import { beamSearch, partition, type SearchedRow } from './beam-search.js';
import {
  type Decoder,
  type GuardedDecoder,
  guardDecoder,
  type NewRow,
  type NextTokenScores,
} from './decoder.js';
import { GrammarRow, grammarFor } from './grammar-row.js';
import {
  candidatesOf,
  type GenerationOptions,
  type Greedy,
  type ResolvedGenerationOptions,
  type RowOptions,
  resolveGenerationOptions,
  resolveRowOptions,
  type Sampling,
} from './options.js';
import { areUsed, mostGuesses, PromptLookup } from './prompt-lookup.js';
import { bestTokens, processScores, type RowScores, rowLogits } from './row-scores.js';
import { drawToken, samplingDistribution } from './sampling.js';
import { type FinishReason, RowOutput } from './stopping.js';
import { type TokenLogprob, tokenLogprobs } from './token-logprobs.js';

/** The result for one prompt. */
export interface GeneratedRow {
  /** The new tokens, without the prompt, including an end token and those of a stop string. */
  readonly ids: readonly number[];
  /** Their text without end token and stop string; '' without `decode`. */
  readonly text: string;
  readonly finishReason: FinishReason;
  /** With beam search: log-probability / (new tokens ^ lengthPenalty). */
  readonly score?: number;
}

/** A new token of one row. */
export interface TokenEvent {
  /** Index of the row's prompt. */
  readonly row: number;
  readonly id: number;
  /**
   * The text that became final with this token: whole characters, and nothing that may belong to a stop string. The
   * texts of a row add up to its `text`.
   */
  readonly text: string;
  /** With `logprobs`: that of the token under model and adapter, before temperature and penalties. */
  readonly logprob?: number;
  /** With `logprobs`: the likeliest tokens at its place, best first. */
  readonly alternatives?: readonly TokenLogprob[];
  /** The whole row, on its last token. */
  readonly finished?: GeneratedRow;
}

/** The end of a row by its own signal, which comes with no token. */
export interface RowAborted {
  readonly row: number;
  readonly finished: GeneratedRow;
}

export interface StreamOptions extends GenerationOptions {
  /** Decodes token ids. Required for text and stop strings. */
  readonly decode?: Decode;
  /** The grammars over the vocabulary's tokens. Required for `jsonSchema`. */
  readonly grammars?: Grammars;
  /** Stops generation: its reason is thrown before the next token. */
  readonly signal?: AbortSignal;
  /**
   * Index of the first prompt, default 0. Row r draws from the random stream of (seed, firstRow + r), so a list of
   * prompts gets the same tokens however it is split into batches, if each batch passes the number of prompts before
   * it.
   */
  readonly firstRow?: number;
  /** End tokens per prompt. Default: `eosTokenId` for all. */
  readonly ends?: readonly (readonly number[])[];
  /** Name of each prompt's adapter, if the decoder has several. Default: no adapter. */
  readonly adapters?: readonly (string | undefined)[];
  /** Options of each prompt alone. A row with a seed of its own draws from the random stream of (seed, 0). */
  readonly own?: readonly RowOptions[];
  /** Tells the log-probability of each new token, and those of this many likeliest at its place. Not of beams. */
  readonly logprobs?: number;
}

export interface GenerateOptions extends StreamOptions {
  /** Called with every new token. Beam search reports the tokens of a row when it ends. */
  readonly onToken?: (event: TokenEvent) => void;
}

/**
 * Generates a continuation of each prompt, in one batch of at most 256 rows (beams count). Rows that end leave the
 * batch and make room for others.
 *
 * @param decoder stays open
 * @param prompts token ids, each shorter than the decoder's `maxLength`; an empty one needs a learned prompt
 * @returns one row per prompt, in their order
 * @throws UsageError for invalid options, PromptuneError for an invalid prompt, the signal's reason once aborted
 */
export async function generate(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  { onToken, ...options }: GenerateOptions = {},
): Promise<GeneratedRow[]> {
  const rows: GeneratedRow[] = new Array(prompts.length);
  for await (const event of streamTokens(decoder, prompts, options)) {
    if ('id' in event) onToken?.(event);
    if (event.finished) rows[event.row] = event.finished;
  }
  return rows;
}

/** Streams the text of one prompt's continuation. Leaving the loop stops generation. Otherwise like `generate`. */
export async function* streamText(
  decoder: Decoder,
  prompt: readonly number[],
  options: StreamOptions & { readonly decode: Decode },
): AsyncGenerator<string> {
  for await (const event of streamTokens(decoder, [prompt], options)) {
    if ('text' in event && event.text !== '') yield event.text;
  }
}

/** Streams the new tokens of all prompts: one per row in each step. Otherwise like `generate`. */
export async function* streamTokens(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  {
    decode,
    grammars,
    signal,
    firstRow = 0,
    adapters = [],
    ends = [],
    own = [],
    logprobs,
    ...generationOptions
  }: StreamOptions = {},
): AsyncGenerator<TokenEvent | RowAborted> {
  const options = resolveGenerationOptions(generationOptions);
  if (!decode && (options.stop.length > 0 || own.some(({ stop = [] }) => stop.length > 0))) {
    throw new UsageError(say`\`stop\` requires \`decode\`: stop strings are found in the text`);
  }
  if (options.jsonSchema !== undefined && !grammars)
    throw new UsageError(say`\`jsonSchema\` requires \`grammars\`: the text is restricted token by token`);
  if (logprobs !== undefined) checkLogprobs(logprobs, options);
  const grammar = grammarFor(options, () => grammars!);
  const newRows = prompts.map((ids, row): NewRow => ({ ids, adapter: adapters[row] }));
  for (const [row, { ids, adapter }] of newRows.entries())
    checkPrompt(ids, row, decoder, decoder.maxLength(adapter), decode);
  if (prompts.length === 0) return;

  const optionsOf = (row: number): ResolvedGenerationOptions => {
    const hasOwn = Object.keys(own[row] ?? {}).length > 0;
    const resolved = hasOwn ? resolveRowOptions(generationOptions, own[row]!, row) : options;
    return ends[row] ? { ...resolved, eosTokenIds: new Set(ends[row]) } : resolved;
  };
  const contextOf = (prompt: readonly number[]) => decoder.startsWith ?? prompt;
  // With an encoder, the generated text is separate from the prompt.
  const before = (prompt: readonly number[]) => (decoder.startsWith ? [] : prompt);
  const rows = newRows.map((joins, index): Row => {
    const { ids, adapter } = joins;
    const options = optionsOf(index);
    const limit = Math.min(options.maxNewTokens, decoder.maxLength(adapter) - ids.length);
    const searched = { options, limit, context: contextOf(ids), textBefore: before(ids) };
    const output = new RowOutput(options, limit, decode, searched.textBefore);
    const json = grammar && new GrammarRow(grammar, options.eosTokenIds);
    const lookup = options.promptLookupNumTokens
      ? new PromptLookup(ids, decoder.vocabSize, decoder.guessCost)
      : undefined;
    return { index, joins, ...searched, output, json, lookup, signal: own[index]?.signal };
  });
  const guarded = guardDecoder(decoder, { candidates: mostCandidates(rows, logprobs), signal });
  await guarded.reorder([]); // removes rows of a generation that was abandoned
  const { strategy } = options;
  if (strategy.kind !== 'beam-search') {
    const chooserOf = ({ index }: Row) => {
      const seed = own[index]?.seed;
      if (seed === undefined || strategy.kind === 'greedy') return tokenChooser(strategy, firstRow + index);
      return tokenChooser({ ...strategy, seed }, 0);
    };
    yield* tokenByToken(guarded, rows, { chooserOf, logprobs });
    return;
  }
  for (const group of groupsOf(rows, Math.max(1, Math.floor(mostAtWork / strategy.numBeams)))) {
    await guarded.reorder([]);
    const scores = await guarded.admit(group.map(({ joins }) => joins));
    const search = { decoder: guarded, scores, rows: group, strategy, decode };
    for await (const { index, best } of beamSearch(search)) {
      if (!best) yield aborted(group[index]!);
      else for (const id of best.ids) yield pushToken(group[index]!, id, best.score);
    }
  }
}

/** Rows that a batch has at most: the memory of a generation does not grow with the number of its prompts. */
const mostAtWork = 256;

/** Rows that join at once, since reading their prompts takes memory for all of them. */
const mostJoining = 64;

interface Row extends SearchedRow {
  readonly index: number;
  readonly joins: NewRow;
  readonly output: RowOutput;
  readonly json?: GrammarRow;
  readonly lookup?: PromptLookup;
}

interface Choosing {
  readonly row: Row;
  readonly choose: (scores: RowScores) => number;
}

/** A row at work. */
interface Running extends Choosing {
  /** Its last token, and its row in the decoder's batch at that time. */
  readonly last: number;
  readonly place: number;
}

/** Rows with their next scores: one each or, where tokens behind it are guessed, one more for each guess. */
interface Part {
  readonly rows: readonly Choosing[];
  readonly scores: NextTokenScores;
  readonly guesses?: readonly (readonly number[])[];
}

/** All rows in their order, as many at a time as the batch has room for. */
async function* tokenByToken(
  decoder: GuardedDecoder,
  rows: readonly Row[],
  { chooserOf, logprobs }: { chooserOf(row: Row): (scores: RowScores) => number; logprobs?: number },
): AsyncGenerator<TokenEvent | RowAborted> {
  const waiting = groupsOf(rows, mostJoining);
  let running: readonly Running[] = [];
  for (;;) {
    const hasRoom = waiting.length > 0 && running.length + waiting[0]!.length <= mostAtWork;
    const [joining, dropped] = partition(hasRoom ? waiting.shift()! : [], isWanted);
    for (const row of dropped) yield aborted(row);
    const parts: Part[] = [];
    if (running.length > 0) parts.push(await nextPart(decoder, running));
    if (joining.length > 0) {
      const scores = await decoder.admit(joining.map(({ joins }) => joins));
      parts.push({ rows: joining.map((row) => ({ row, choose: chooserOf(row) })), scores });
    }
    const going: Running[] = [];
    const wrong: number[] = [];
    for (const { rows, scores, guesses } of parts) {
      const width = scores.rows / rows.length;
      for (const [i, choosing] of rows.entries()) {
        const { row } = choosing;
        const guessed = guesses?.[i] ?? [];
        // A token is chosen as it would be without guesses, which decide only for how many there are scores already.
        for (let right = 0; ; right++) {
          const event = chooseToken(choosing, scores, i * width + right, logprobs);
          yield event;
          // Whoever reads the event may have ended the row.
          if (guessed[right] === event.id && !event.finished && isWanted(row)) continue;
          row.lookup?.judge(guessed.length, right);
          if (!event.finished) going.push({ ...choosing, last: event.id, place: wrong.length });
          wrong.push(guessed.length - right);
          break;
        }
      }
    }
    if (wrong.some((count) => count > 0)) await decoder.takeBack(wrong);
    const [staying, left] = partition(going, ({ row }) => isWanted(row));
    for (const { row } of left) yield aborted(row);
    running = staying;
    if (running.length === 0 && waiting.length === 0) return;
    await decoder.reorder(running.map(({ place }) => place));
  }
}

/** Chooses a row's next token from row `place` of the scores. */
function chooseToken(
  { row, choose }: Choosing,
  scores: NextTokenScores,
  place: number,
  logprobs: number | undefined,
): TokenEvent {
  const rowScores = rowLogits(scores, place);
  processScores(rowScores, row.context, row.output.ids, row.options);
  row.json?.restrict(rowScores);
  const id = choose(rowScores);
  const event = pushToken(row, id);
  if (logprobs === undefined) return event;
  return { ...event, ...tokenLogprobs(rowLogits(scores, place), scores.logSumExp[place]!, id, logprobs) };
}

/** Runs a step, with guesses where they are used. */
async function nextPart(decoder: GuardedDecoder, rows: readonly Running[]): Promise<Part> {
  const most = mostGuesses(rows.length, decoder.candidates);
  const guesses = rows.map(({ row: { lookup, options, limit, output } }) => {
    const room = Math.min(most, limit - output.ids.length - 1);
    return lookup?.guess(Math.min(options.promptLookupNumTokens!, room)) ?? [];
  });
  if (!areUsed(guesses)) return { rows, scores: await decoder.step(rows.map(({ last }) => last)) };
  const tokens = rows.map(({ last }, i) => [last, ...guesses[i]!]);
  return { rows, scores: await decoder.stepSeveral(tokens), guesses };
}

function groupsOf<T>(items: readonly T[], most: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < items.length; at += most) groups.push(items.slice(at, at + most));
  return groups;
}

/** The most candidates that any row needs: rows may differ in their number of end tokens. */
function mostCandidates(rows: readonly Row[], logprobs = 0): number | 'all' {
  const counts = rows.map(({ options }) => candidatesOf(options));
  return counts.includes('all') ? 'all' : Math.max(logprobs, ...(counts as number[]));
}

/** Chooses a row's tokens: the most likely ones, or ones drawn by the random stream of (seed, `streamRow`). */
export function tokenChooser(strategy: Greedy | Sampling, streamRow: number): (scores: RowScores) => number {
  if (strategy.kind === 'greedy') return (scores) => bestTokens(scores, 1).ids[0]!;
  const random = randomStream(strategy.seed, streamRow);
  return (scores) => drawToken(samplingDistribution(scores, strategy), random());
}

const isWanted = ({ signal }: Row) => !signal?.aborted;

/** What a row has when its signal ends it: text that was held back is not final, and is left out. */
function aborted({ index, output: { ids, text } }: Row): RowAborted {
  return { row: index, finished: { ids, text, finishReason: 'aborted' } };
}

function pushToken({ index, output, json, lookup }: Row, id: number, score?: number): TokenEvent {
  json?.push(id);
  lookup?.push(id);
  const text = output.push(id, json?.isOver);
  const { ids, finishReason } = output;
  if (!finishReason) return { row: index, id, text };
  const finished = { ids, text: output.text, finishReason, ...(score === undefined ? {} : { score }) };
  return { row: index, id, text, finished };
}

function checkLogprobs(count: number, { strategy }: ResolvedGenerationOptions): void {
  if (!Number.isInteger(count) || count < 0) throw optionError('logprobs', say`expected an integer from 0`);
  if (strategy.kind === 'beam-search')
    throw optionError('logprobs', say`a token of a beam is chosen with those behind it; leave out numBeams`, {
      code: 'unsupported',
    });
}

function checkPrompt(
  prompt: readonly number[],
  row: number,
  { vocabSize, softTokens = 0 }: Decoder,
  maxLength: number,
  decode?: Decode,
): void {
  if (prompt.length >= maxLength) {
    throw new PromptuneError(
      say`prompt ${row} has ${prompt.length} tokens, which leaves no room for a new one: the model
        holds ${maxLength} with them; shorten it to at most ${maxLength - 1}`,
      { code: 'too-long' },
    );
  }
  const place = prompt.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize + softTokens);
  if (place !== -1) {
    const id = prompt[place]!;
    const text = decode?.([id]);
    const token = text ? `${JSON.stringify(text)}, ${id},` : `${id}`;
    throw new PromptuneError(
      say`prompt ${row} has ${token} as token ${place}, expected a token id from 0 to
        ${vocabSize - 1}: it may have been tokenized for another model, or have tokens that the
        model has no embeddings for`,
      { code: 'incompatible' },
    );
  }
}
