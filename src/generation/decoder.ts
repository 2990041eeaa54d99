/** @file The interface of a model for generation: next-token scores of the rows of a batch, step by step. */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { GuessCost } from './prompt-lookup.js';

/** Next-token scores of every row: the best `candidates` tokens of each, or all. */
export interface NextTokenScores {
  readonly rows: number;
  /**
   * Candidates per row (k), best first. If k is the vocabulary's size, `ids` is undefined and `logits` is in id order.
   */
  readonly candidates: number;
  /** [rows * k] */
  readonly ids?: Int32Array;
  /** [rows * k] */
  readonly logits: Float32Array;
  /** Log of the sum of exp over the WHOLE vocabulary, [rows]: log p(token) = logit - logSumExp. */
  readonly logSumExp: Float32Array;
}

/** Number of best tokens whose scores a step returns per row, at most the vocabulary. */
export type Candidates = number | 'all';

/** A row that joins a batch. */
export interface NewRow {
  readonly ids: readonly number[];
  /** Name of the adapter it uses, if the decoder has several. */
  readonly adapter?: string;
}

/**
 * A model with its key-value cache and the rows it is generating. Rows join and leave between steps without affecting
 * each other: each gets the scores it would get alone. Concurrent calls run one after another.
 */
export interface Decoder {
  readonly vocabSize: number;
  /** Number of soft tokens that prompts may contain, with ids from `vocabSize` on. Default 0. */
  readonly softTokens?: number;
  /** What guessed tokens add to the time of a step. Default: as with matrices in blocks. */
  readonly guessCost?: GuessCost;
  /** Tokens that start each row, if an encoder reads the prompts. */
  readonly startsWith?: readonly number[];
  /** Most tokens of a row with this adapter: prompt and new ones, without a learned prompt. */
  maxLength(adapter?: string): number;
  /**
   * Adds rows, of any lengths, after the existing ones. Returns the scores after the last token of each new row. If it
   * fails, no row is added.
   */
  admit(rows: readonly NewRow[], candidates: Candidates): Promise<NextTokenScores>;
  /** Row r becomes a copy of row `parents[r]`. This repeats, reorders and removes rows. */
  reorder(parents: readonly number[]): Promise<void>;
  /** Appends one token to each row. Returns the scores after it. */
  step(tokens: readonly number[], candidates: Candidates): Promise<NextTokenScores>;
  /**
   * Appends one or more tokens to each row. Returns the scores after each of them: of token i of row r in row
   * r · width + i, where width is the length of the longest of `tokens`. The other rows of the scores mean nothing.
   */
  stepSeveral(tokens: readonly (readonly number[])[], candidates: Candidates): Promise<NextTokenScores>;
  /** Removes the last `counts[r]` tokens from row r, of those that steps appended. */
  takeBack(counts: readonly number[]): Promise<void>;
  /** Why it can do nothing any more, once the thread that it runs in has ended. Default: it can. */
  readonly lost?: PromptuneError;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A decoder with the number of candidates that a generation's options need. */
export interface GuardedDecoder {
  /** Number of tokens whose scores are returned per row. */
  readonly candidates: number;
  admit(rows: readonly NewRow[]): Promise<NextTokenScores>;
  reorder(parents: readonly number[]): Promise<void>;
  step(tokens: readonly number[]): Promise<NextTokenScores>;
  stepSeveral(tokens: readonly (readonly number[])[]): Promise<NextTokenScores>;
  takeBack(counts: readonly number[]): Promise<void>;
}

/** Checks the signal before each step, and throws a PromptuneError if scores are not finite or too few. */
export function guardDecoder(
  decoder: Decoder,
  { candidates, signal }: { candidates: Candidates; signal?: AbortSignal },
): GuardedDecoder {
  const needed = candidates === 'all' ? decoder.vocabSize : Math.min(candidates, decoder.vocabSize);
  /** New tokens of each row, with those that the scores are for. */
  let lengths: number[] = [];
  const check = (scores: NextTokenScores, lengthOf: (row: number) => number) => {
    if (scores.candidates < needed) {
      throw new PromptuneError(
        say`these options need ${needed} candidates per token, but the decoder gives
          ${scores.candidates}`,
      );
    }
    const bad = scores.logSumExp.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1) {
      throw new PromptuneError(
        say`the model's scores for new token ${lengthOf(bad)} are not finite (log-sum-exp
          ${scores.logSumExp[bad]}): look for NaN or very large values in its weights and in the
          adapter`,
      );
    }
    return scores;
  };
  return {
    candidates: needed,
    async admit(rows) {
      signal?.throwIfAborted();
      const scores = await decoder.admit(rows, candidates);
      const before = lengths.length;
      lengths = [...lengths, ...rows.map(() => 1)];
      return check(scores, (row) => lengths[before + row]!);
    },
    async reorder(parents) {
      await decoder.reorder(parents);
      lengths = parents.map((parent) => lengths[parent]!);
    },
    async step(tokens) {
      signal?.throwIfAborted();
      const scores = await decoder.step(tokens, candidates);
      lengths = lengths.map((length) => length + 1);
      return check(scores, (row) => lengths[row]!);
    },
    async stepSeveral(tokens) {
      signal?.throwIfAborted();
      const scores = await decoder.stepSeveral(tokens, candidates);
      const width = scores.rows / tokens.length;
      const before = lengths;
      lengths = lengths.map((length, row) => length + tokens[row]!.length);
      return check(scores, (row) => before[Math.floor(row / width)]! + 1 + (row % width));
    },
    async takeBack(counts) {
      await decoder.takeBack(counts);
      lengths = lengths.map((length, row) => length - counts[row]!);
    },
  };
}
