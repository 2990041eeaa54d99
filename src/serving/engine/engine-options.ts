/** @file What an engine is made of, and its limits. */
import type { Adapter } from '../../attach/method.js';
import type { PromptuneError } from '../../errors.js';
import type { LanguageModel } from '../../models/model.js';
import type { Device } from '../../runtime/index.js';
import type { Tokenizer } from '../../text/tokenizer.js';

export interface EngineOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The id of the model without adapters. Default: the model's name. */
  id?: string;
  /** Learned prompts and other adapters by id. More can be loaded later. */
  adapters?: Readonly<Record<string, Adapter>>;
  /** Called for each of `adapters` that cannot be served, which is then left out. Default: the error is thrown. */
  onRefused?: (id: string, error: PromptuneError) => void;
  /** Maximum number of requests that run at once. Default 16. */
  maxRows?: number;
  /** While this many continuations wait for a row, requests are refused. Default 256. */
  maxWaiting?: number;
  /**
   * Maximum number of positions in the cache of keys and values, over all rows, padded to the longest. A request waits
   * until its maximum is free. Default: enough for `maxRows` requests of the model's maximum length.
   */
  maxCacheTokens?: number;
  /**
   * Maximum number of adapters with changes of layers (LoRA, IA3, bottlenecks) that can run at once. Others wait, and
   * replace the least recently used. Learned prompts do not count. Default 8.
   */
  maxLoras?: number;
  /** Highest rank of LoRA that can be loaded, summed over the parts of a composition. Default 64. */
  maxLoraRank?: number;
  /** Maximum bytes of keys and values of learned prompts that are kept for reuse. Default 256 MiB. */
  promptCacheBytes?: number;
  /**
   * Maximum number of adapters that label texts whose sessions are open. Others wait, and replace the least recently
   * used. Default 4.
   */
  maxClassifiers?: number;
  /**
   * Maximum number of prompt tokens that are prefilled between two decoding steps. Default: as many as take about as
   * long as a step, or a little less.
   */
  prefillTokens?: number;
  /**
   * Guesses up to this many tokens per step from a row's text so far, for requests whose options name no number. Steps
   * have guesses only while all running rows have a number. Default: none.
   */
  promptLookupNumTokens?: number;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
  /** As for createTextGenerator. Default false. */
  prepacking?: boolean;
}
