/** @file What is asked of the engine, what comes back token by token, and how it says no. */
import { PromptuneError, UsageError } from '../../errors.js';
import type { GenerationOptions } from '../../generation/options.js';
import type { Prompt } from '../../generation/prompts.js';
import type { FinishReason } from '../../generation/stopping.js';

/** One continuation that is wanted. */
export interface EngineRequest {
  /** The id of a model of the engine: an adapter's, or the base model's (default). */
  readonly model?: string;
  /** A text, a conversation, or token ids, which are taken as they are. */
  readonly prompt: Prompt | readonly number[];
  /** As for `generate`, without beam search. Default: greedy decoding of 64 tokens. */
  readonly options?: GenerationOptions;
  /**
   * Tokens are drawn from the random stream of (options.seed, seedRow): the continuations of one client's request count
   * theirs. Default 0.
   */
  readonly seedRow?: number;
  /** Gives each token's log-probability and so many alternatives, from 0. Default: none of it. */
  readonly logprobs?: number;
  /**
   * Gives the prompt's tokens as well, from the second on, before the new ones. With `logprobs`, each has its
   * log-probability behind those before it. Default false.
   */
  readonly promptLogprobs?: boolean;
  /** Whom it is for: those who wait take turns. Default: all are the same one. */
  readonly client?: string;
  /** Ends the request: its reason is thrown to whoever reads the tokens. */
  readonly signal?: AbortSignal;
}

/** A token with its log-probability under the model and adapter, before temperature and penalties. */
export interface TokenLogprob {
  readonly id: number;
  readonly logprob: number;
}

/** A new token, or one of the prompt where those are wanted. */
export interface EngineToken {
  readonly id: number;
  /** When it was chosen, in milliseconds as `performance.now()` counts them. */
  readonly at: number;
  /** It is one of the prompt's, and has no text. */
  readonly isPrompt?: boolean;
  /** The text that became certain with it: whole characters, and nothing that may belong to a stop string. */
  readonly text: string;
  /** Where `logprobs` are wanted. */
  readonly logprob?: number;
  /** The likeliest tokens in its place, best first, as many as are wanted. */
  readonly alternatives?: readonly TokenLogprob[];
  /** Why the text ends with this token; undefined before its end. */
  readonly finishReason?: FinishReason;
}

/** A request that the engine has taken: its tokens as they come, to be read once. */
export interface Generation extends AsyncIterable<EngineToken> {
  /** The prompt's tokens, without those of a learned prompt. */
  readonly promptIds: readonly number[];
}

/** The prompt leaves no room for a token. */
export class ContextLengthError extends UsageError {
  constructor(
    readonly promptTokens: number,
    readonly maxLength: number,
  ) {
    super(
      `this model's maximum context length is ${maxLength} tokens, and the prompt has ${promptTokens}; ` +
        `shorten it to at most ${maxLength - 1}`,
    );
  }
}

/** The engine takes no request now: too many wait, or it is about to end. */
export class OverloadedError extends PromptuneError {
  constructor(
    message: string,
    readonly reason: 'queue-full' | 'draining',
  ) {
    super(message, { code: 'unavailable' });
  }
}
