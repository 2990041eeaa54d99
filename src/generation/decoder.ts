/** @file What generation asks of a model: scores for the next token of every row of a batch, one step at a time. */
import { PromptuneError } from '../errors.js';

/** Scores for the next token of every row: the `candidates` best tokens of each, or all of them. */
export interface NextTokenScores {
  readonly rows: number;
  /**
   * Candidates per row (k), best first. Where k is the vocabulary's size, `ids` is undefined and `logits` is in id
   * order.
   */
  readonly candidates: number;
  /** [rows * k] */
  readonly ids?: Int32Array;
  /** [rows * k] */
  readonly logits: Float32Array;
  /** Log of the sum of exp over the WHOLE vocabulary, [rows]: log p(token) = logit - logSumExp. */
  readonly logSumExp: Float32Array;
}

/** How many tokens' scores come out of a step for each row; all, where the vocabulary has fewer. */
export type Candidates = number | 'all';

/** A row that joins a batch. */
export interface NewRow {
  readonly ids: readonly number[];
  /** Of several adapters the one that it uses, by its name. */
  readonly adapter?: string;
}

/**
 * A model with its key-value cache, and the rows that it is at work on. Rows join and leave between steps, and none
 * touches another: each gets the scores that it would get alone. Calls take turns, each begun when the one before has
 * ended.
 */
export interface Decoder {
  readonly vocabSize: number;
  /** Soft tokens that prompts may have, with the ids from `vocabSize` on. Default: none. */
  readonly softTokens?: number;
  /** What each row's own tokens begin with, where prompts are read apart from them by an encoder. */
  readonly startsWith?: readonly number[];
  /** Most tokens (prompt and new ones) that a row with this adapter may hold; a learned prompt is not counted. */
  maxLength(adapter?: string): number;
  /**
   * Rows of unequal lengths join behind those that are there, which stay as they are. Returns the scores after the last
   * token of each new row. Where it fails, none has joined.
   */
  admit(rows: readonly NewRow[], candidates: Candidates): Promise<NextTokenScores>;
  /**
   * Row r becomes what row `parents[r]` is: rows are repeated and reordered, and those that are nobody's parent leave.
   */
  reorder(parents: readonly number[]): Promise<void>;
  /** Each row goes on with its token. Returns the scores after it. */
  step(tokens: readonly number[], candidates: Candidates): Promise<NextTokenScores>;
  dispose(): Promise<void>;
}

/** The decoder as one generation uses it, with the candidates that its options need. */
export interface GuardedDecoder {
  admit(rows: readonly NewRow[]): Promise<NextTokenScores>;
  reorder(parents: readonly number[]): Promise<void>;
  step(tokens: readonly number[]): Promise<NextTokenScores>;
}

/** Ends at the signal before each step, and throws a PromptuneError if the scores are not numbers or too few. */
export function guardDecoder(
  decoder: Decoder,
  { candidates, signal }: { candidates: Candidates; signal?: AbortSignal },
): GuardedDecoder {
  const needed = candidates === 'all' ? decoder.vocabSize : Math.min(candidates, decoder.vocabSize);
  let length = 0;
  const check = (scores: NextTokenScores) => {
    length++;
    if (scores.candidates < needed) {
      throw new PromptuneError(
        `these options need ${needed} candidates for each token, and the decoder gives ${scores.candidates}`,
      );
    }
    const bad = scores.logSumExp.findIndex((value) => !Number.isFinite(value));
    if (bad !== -1) {
      throw new PromptuneError(
        `the model's scores for new token ${length} are not finite (log-sum-exp ${scores.logSumExp[bad]}): ` +
          'look for NaN or very large values in its weights and in the adapter',
      );
    }
    return scores;
  };
  return {
    async admit(rows) {
      signal?.throwIfAborted();
      return check(await decoder.admit(rows, candidates));
    },
    reorder: (parents) => decoder.reorder(parents),
    async step(tokens) {
      signal?.throwIfAborted();
      return check(await decoder.step(tokens, candidates));
    },
  };
}
