/** @file What generation asks of a model: scores for the next token of every row of a batch, one step at a time. */
import { PromptuneError } from '../errors.js';

/** Scores for the next token of every row: the `candidates` best tokens of each, or all of them. */
export interface NextTokenScores {
  readonly rows: number;
  /** Candidates per row (k), best first. Where k is the vocabulary's size, `ids` is undefined and `logits` is in id order. */
  readonly candidates: number;
  /** [rows * k] */
  readonly ids?: Int32Array;
  /** [rows * k] */
  readonly logits: Float32Array;
  /** Log of the sum of exp over the WHOLE vocabulary, [rows]: log p(token) = logit - logSumExp. */
  readonly logSumExp: Float32Array;
}

export interface PrefillOptions {
  /** How many tokens' scores are wanted for each row, now and in the steps that follow; all, where there are fewer. */
  readonly candidates: number | 'all';
  readonly signal?: AbortSignal;
}

/** A model with its key-value cache. */
export interface Decoder {
  readonly vocabSize: number;
  /** Soft tokens that prompts may have, with the ids from `vocabSize` on. Default: none. */
  readonly softTokens?: number;
  /** Most tokens (prompt and new ones) that a row may hold; a learned prompt is not counted. */
  readonly maxLength: number;
  /** The same for each row of the next batch, where rows have learned prompts of unequal lengths. */
  readonly maxLengths?: readonly number[];
  /** What each row's own tokens begin with, where prompts are read apart from them by an encoder. */
  readonly startsWith?: readonly number[];
  /** Starts a batch of prompts of unequal lengths; returns the scores after each prompt's last token. */
  prefill(prompts: readonly (readonly number[])[], options: PrefillOptions): Promise<NextTokenScores>;
  /**
   * Row r of the new batch continues row `parents[r]` of the old one with `tokens[r]`: rows may be dropped, repeated
   * and reordered. Without `parents` every row continues itself.
   */
  step(tokens: readonly number[], parents?: readonly number[]): Promise<NextTokenScores>;
  dispose(): Promise<void>;
}

/** The decoder as one generation uses it. */
export interface GuardedDecoder extends Pick<Decoder, 'step'> {
  prefill(prompts: readonly (readonly number[])[]): Promise<NextTokenScores>;
}

/** Ends at the signal before each step, and throws a PromptuneError where the scores are not numbers or too few. */
export function guardDecoder(decoder: Decoder, { candidates, signal }: PrefillOptions): GuardedDecoder {
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
    async prefill(prompts) {
      signal?.throwIfAborted();
      return check(await decoder.prefill(prompts, { candidates, signal }));
    },
    async step(tokens, parents) {
      signal?.throwIfAborted();
      return check(await decoder.step(tokens, parents));
    },
  };
}
