/** @file Beam search, by transformers 5's rules for open and finished beams and for the end of the search. */

import { addedText, type Decode, settledText } from '../text/text-stream.js';
import type { GuardedDecoder, NextTokenScores } from './decoder.js';
import { type BeamSearch, beamCandidates, type ResolvedGenerationOptions } from './options.js';
import { bestTokens, processScores, rowLogProbabilities } from './row-scores.js';
import { findStop } from './stopping.js';

/** A finished beam. */
export interface Hypothesis {
  /** New tokens, including an end token. */
  readonly ids: readonly number[];
  /** Log-probability / (new tokens ^ lengthPenalty). */
  readonly score: number;
}

/** An open beam. */
interface Beam {
  /** Its row in the decoder's batch. */
  readonly row: number;
  readonly ids: readonly number[];
  readonly logProbability: number;
}

/** A prompt to search continuations of. */
export interface SearchedRow {
  /** Tokens before the new ones: the prompt, unless an encoder reads it. */
  readonly context: readonly number[];
  /** Tokens that its text continues. */
  readonly textBefore: readonly number[];
  /** Maximum number of new tokens. */
  readonly limit: number;
  readonly options: ResolvedGenerationOptions;
  /** Ends its search without a hypothesis. */
  readonly signal?: AbortSignal;
}

/** The search for one prompt: at most numBeams beams and hypotheses, best first. */
interface Search extends SearchedRow {
  readonly index: number;
  beams: readonly Beam[];
  finished: readonly Hypothesis[];
}

interface BeamSearchRequest {
  readonly decoder: GuardedDecoder;
  /** Scores after the last token of each prompt. The decoder has a row per prompt. */
  readonly scores: NextTokenScores;
  readonly rows: readonly SearchedRow[];
  readonly strategy: BeamSearch;
  /** Needed for stop strings. */
  readonly decode?: Decode;
}

/**
 * Yields the best hypothesis of each prompt as soon as its search ends; none if its signal ended it. Its beams then
 * leave the batch.
 */
export async function* beamSearch(
  request: BeamSearchRequest,
): AsyncGenerator<{ index: number; best?: Hypothesis }> {
  const { decoder, rows } = request;
  let searches = rows.map(({ context, textBefore, limit, options, signal }, index): Search => {
    const beams = [{ row: index, ids: [], logProbability: 0 }];
    return { index, context, textBefore, limit, options, signal, beams, finished: [] };
  });
  let { scores } = request;
  for (;;) {
    for (const search of searches) advance(search, scores, request);
    const [unended, ended] = partition(searches, (search) => canImprove(search, request.strategy));
    for (const { index, finished } of ended) yield { index, best: finished[0]! };
    const [open, aborted] = partition(unended, ({ signal }) => !signal?.aborted);
    for (const { index } of aborted) yield { index };
    if (open.length === 0) return;

    const beams = open.flatMap((search) => search.beams);
    await decoder.reorder(beams.map((beam) => beam.row));
    scores = await decoder.step(beams.map((beam) => beam.ids.at(-1)!));
    let row = 0;
    for (const search of open) search.beams = search.beams.map((beam) => ({ ...beam, row: row++ }));
    searches = open;
  }
}

/**
 * Extends the beams by one token. Of the best continuations, the first numBeams that have not ended stay open. Those
 * that have ended become hypotheses if they are among the first numBeams; the rest only ensure enough open beams.
 */
function advance(search: Search, scores: NextTokenScores, { strategy, decode }: BeamSearchRequest): void {
  const { numBeams, lengthPenalty } = strategy;
  const candidates = continuations(search, scores, numBeams).map((beam) => ({
    beam,
    ended: hasEnded(beam.ids, search, decode),
  }));
  search.beams = candidates
    .filter(({ ended }) => !ended)
    .slice(0, numBeams)
    .map(({ beam }) => beam);
  const hypotheses = candidates
    .slice(0, numBeams)
    .filter(({ ended }) => ended)
    .map(({ beam }) => ({ ids: beam.ids, score: beam.logProbability / beam.ids.length ** lengthPenalty }));
  search.finished = [...search.finished, ...hypotheses].sort((a, b) => b.score - a.score).slice(0, numBeams);
}

/** The best continuations of all open beams by one token, best first. */
function continuations(
  { context, options, beams }: Search,
  scores: NextTokenScores,
  numBeams: number,
): Beam[] {
  const count = beamCandidates(numBeams, options.eosTokenIds.size);
  const all = beams.flatMap(({ row, ids, logProbability }) => {
    const rowScores = rowLogProbabilities(scores, row);
    processScores(rowScores, context, ids, options);
    const best = bestTokens(rowScores, count);
    return Array.from(best.ids, (id, i) => ({
      row,
      ids,
      id,
      logProbability: logProbability + best.values[i]!,
    }));
  });
  return all
    .filter(({ logProbability }) => logProbability > -Infinity)
    .sort((a, b) => b.logProbability - a.logProbability)
    .slice(0, count)
    .map(({ row, ids, id, logProbability }) => ({ row, ids: [...ids, id], logProbability }));
}

function hasEnded(ids: readonly number[], { limit, textBefore, options }: Search, decode?: Decode): boolean {
  const { eosTokenIds, stop } = options;
  if (ids.length >= limit || eosTokenIds.has(ids.at(-1)!)) return true;
  if (stop.length === 0 || decode === undefined) return false;
  return findStop(settledText(addedText(decode, textBefore, ids)), stop) !== undefined;
}

/** Whether an open beam could still give a better hypothesis than the worst one kept. */
function canImprove(
  { beams, finished, limit }: Search,
  { numBeams, lengthPenalty, earlyStopping }: BeamSearch,
): boolean {
  const best = beams[0];
  if (!best) return false;
  if (finished.length < numBeams) return true;
  if (earlyStopping === true) return false;
  // A length penalty above 0 favors longer texts. Only 'never' takes that into account; false uses the current length.
  const length = earlyStopping === 'never' && lengthPenalty > 0 ? limit : best.ids.length;
  return best.logProbability / length ** lengthPenalty > finished.at(-1)!.score;
}

export function partition<T>(items: readonly T[], test: (item: T) => boolean): [yes: T[], no: T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const item of items) (test(item) ? yes : no).push(item);
  return [yes, no];
}
