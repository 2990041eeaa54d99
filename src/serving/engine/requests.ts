/** @file Requests to the engine, the tokens that it returns, and its errors. */
import { PromptuneError, UsageError } from '../../errors.js';
import type { Classification } from '../../evaluation/classifier.js';
import type { GenerationOptions } from '../../generation/options.js';
import type { Prompt } from '../../generation/prompts.js';
import type { FinishReason } from '../../generation/stopping.js';
import type { TokenLogprob } from '../../generation/token-logprobs.js';
import type { CallsInText } from '../../grammar/index.js';
import type { Fields } from '../../records/record-formats.js';
import { say } from '../../say.js';
import type { ServedModel } from './models.js';

/** A request for one continuation. */
export interface EngineRequest {
  /** The id of the base model (default), of an adapter or of a selector. */
  readonly model?: string;
  /** A text, a conversation, or token ids, which are used as they are. It has no options of its own. */
  readonly prompt: Prompt | readonly number[];
  /** As for `generate`, without beam search. Default: greedy decoding of 64 tokens. */
  readonly options?: GenerationOptions;
  /**
   * Calls of tools that the text may have: each is valid under a schema once it has begun. Not with the option
   * `jsonSchema`. Default: the text is free.
   */
  readonly calls?: CallsInText;
  /**
   * Tokens are drawn from the random stream of (options.seed, seedRow), so that the continuations of one client's
   * request differ. Default 0.
   */
  readonly seedRow?: number;
  /** Returns each token's log-probability and this many alternatives, from 0. Default: none of these. */
  readonly logprobs?: number;
  /**
   * Returns the prompt's tokens too, from the second, before the new ones. With `logprobs`, each has its
   * log-probability given those before it. Default false.
   */
  readonly promptLogprobs?: boolean;
  /** Whom the request is for: waiting clients take turns. Default: all requests count as one client's. */
  readonly client?: string;
  /** Cancels the request: whoever reads the tokens gets its reason as an error. */
  readonly signal?: AbortSignal;
}

/** A new token, or one of the prompt if requested. */
export interface EngineToken {
  readonly id: number;
  /** When it was chosen, in milliseconds of `performance.now()`. */
  readonly at: number;
  /** Whether it belongs to the prompt; it then has no text. */
  readonly isPrompt?: boolean;
  /** The text that became final with it: whole characters, without what may belong to a stop string. */
  readonly text: string;
  /** Present if `logprobs` were requested. */
  readonly logprob?: number;
  /** The most probable tokens at this position, best first, as many as requested. */
  readonly alternatives?: readonly TokenLogprob[];
  /** Why the text ends with this token; undefined before its end. */
  readonly finishReason?: FinishReason;
}

/** Moments of a request, in milliseconds as `performance.now()` counts them. */
export interface GenerationTimes {
  readonly submitted: number;
  /** When it got a row. */
  admitted?: number;
}

/** An accepted request: its tokens as they are generated, to be read once. */
export interface Generation extends AsyncIterable<EngineToken> {
  /** What writes it, in the version that it had when the request came; of a selector the chosen candidate. */
  readonly model: ServedModel;
  /** The prompt's tokens, without those of a learned prompt. */
  readonly promptIds: readonly number[];
  readonly times: Readonly<GenerationTimes>;
}

/** Texts to be labeled by a model that has labels. */
export interface ClassificationRequest {
  /** The id of such a model. */
  readonly model: string;
  /** Bare texts, or the fields of the template that it was trained with. */
  readonly texts: readonly (string | Fields)[];
}

/** The labels of texts, in their order. */
export interface Classifications {
  /** The version that gave them. */
  readonly model: ServedModel;
  /** All labels, in the order of the adapter's. */
  readonly labels: readonly string[];
  readonly results: readonly Classification[];
}

/** The prompt leaves no room for a new token. */
export class ContextLengthError extends UsageError {
  constructor(
    readonly promptTokens: number,
    readonly maxLength: number,
  ) {
    super(
      say`this model's maximum context length is ${maxLength} tokens, and the prompt has
        ${promptTokens}; shorten it to at most ${maxLength - 1}`,
      { code: 'too-long' },
    );
  }
}

/** The engine accepts no requests now: too many are waiting, or it is shutting down. */
export class OverloadedError extends PromptuneError {
  /** @param retryAfter seconds after which it may accept one, from 1 */
  constructor(
    message: string,
    readonly reason: 'queue-full' | 'draining',
    readonly retryAfter = 1,
  ) {
    super(message, { code: 'unavailable' });
  }
}
