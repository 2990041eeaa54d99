/** @file Generation from text to text: a model, its tokenizer and an adapter, ready for any number of requests. */

import type { Adapter } from '../attach/method.js';
import { usageFor } from '../attach/with-usage.js';
import { PromptuneError, UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { expectedName } from '../nearest-name.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import type { Message } from '../text/chat.js';
import { decodeOf } from '../text/text-stream.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Decoder } from './decoder.js';
import { endTokensOf } from './end-tokens.js';
import { type GeneratedRow, generate, streamText, type TokenEvent } from './generate.js';
import { grammarFor, grammarsOf } from './grammar-row.js';
import { createModelDecoder } from './model-decoder.js';
import { type GenerationOptions, resolveGenerationOptions, resolveRowOptions } from './options.js';
import {
  checkPrompts,
  isConversation,
  type Prompt,
  promptAsUsed,
  promptEncoder,
  rowOptionsOf,
} from './prompts.js';

export interface TextGeneratorOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** The adapter of all prompts. */
  adapter?: Adapter;
  /** Several adapters by name instead of one. Each prompt names the one it uses, or none. */
  adapters?: Readonly<Record<string, Adapter>>;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
  /**
   * Keeps the weights in memory in ONNX Runtime's own layout: more tokens per second, at the cost of a private copy of
   * the weights and a slower first request. Default false: weights stay memory-mapped.
   */
  prepacking?: boolean;
}

export interface TextRequestOptions extends GenerationOptions {
  /** Ends the request between two steps, or while it waits for its turn; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface BatchRequestOptions extends TextRequestOptions {
  /** Tells `onToken` the log-probability of each token, and those of this many likeliest. Not of beams. */
  logprobs?: number;
  /** Called with every new token of every row, as it comes. */
  onToken?: (event: TokenEvent) => void;
}

/** One row per prompt: a tuple of the same length if the prompts are a tuple. */
export type RowsOf<Prompts extends readonly Prompt[]> = { -readonly [Place in keyof Prompts]: GeneratedRow };

const adapterOf = (prompt: Prompt) => (typeof prompt === 'string' ? undefined : prompt.adapter);

export interface TextGenerator {
  /** Continues one prompt. */
  generate(prompt: Prompt, options?: BatchRequestOptions): Promise<GeneratedRow>;
  /**
   * Continues all prompts in one batch, whatever adapters they use. Each gets the result it would get alone. Options
   * of a prompt (RowOptions) count before those of the request. `onToken` is called with every new token.
   * @throws UsageError for a conversation if the tokenizer has no chat template
   */
  generate<const Prompts extends readonly Prompt[]>(
    prompts: Prompts,
    options?: BatchRequestOptions,
  ): Promise<RowsOf<Prompts>>;
  /**
   * Answers a conversation, which ends with a user's message: the model's chat template writes it. To go on, add the
   * answer and the next message.
   * @param options with `adapter`, the name of the one to use, if the generator has several
   * @throws UsageError if the tokenizer has no chat template
   */
  chat(
    messages: readonly Message[],
    options?: BatchRequestOptions & { readonly adapter?: string },
  ): Promise<GeneratedRow>;
  /** Streams the continuation of one prompt. No piece ends within a character. */
  stream(prompt: Prompt, options?: TextRequestOptions): AsyncGenerator<string>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a generator for a model and its adapters. A row ends at any of its end tokens (see `endTokensOf`) unless
 * `eosTokenId` says otherwise. The model is loaded on the first request, and again by the next one when the thread of
 * ONNX Runtime has ended. Requests take turns; an abandoned stream ends its turn, and one that nobody reads for a
 * minute loses it to a request that waits.
 */
export function createTextGenerator({ tokenizer, ...options }: TextGeneratorOptions): TextGenerator {
  let loading: Promise<Decoder> | undefined;
  let lastTurn = Promise.resolve();
  let waiting = 0;
  const { adapter, adapters = {} } = options;
  const encoder = promptEncoder(tokenizer, options.model);
  const encode = (prompt: Prompt) => encoder(prompt, adapterNamed(adapterOf(prompt)));
  const asUsed = (prompt: Prompt) =>
    promptAsUsed(prompt, usageFor(options.model, adapterNamed(adapterOf(prompt))));
  const endsOf = endTokensOf(options.model, tokenizer);

  function adapterNamed(name: string | undefined): Adapter | undefined {
    if (name === undefined) return adapter;
    if (Object.hasOwn(adapters, name)) return adapters[name];
    const hint = expectedName(name, Object.keys(adapters));
    throw new UsageError(say`a prompt names the unknown adapter "${name}"; ${hint}`, {
      code: 'unknown-name',
    });
  }

  /** After a failure, the next request tries again; if its request is aborted, it continues for the next one. */
  function load(): Promise<Decoder> {
    const started = createModelDecoder(options);
    started.catch(() => {
      if (loading === started) loading = undefined;
    });
    return started;
  }

  /** Waits for earlier requests to return the decoder, which holds the cache of one batch at a time. */
  async function takeDecoder(signal?: AbortSignal): Promise<{ decoder: Decoder; giveBack: () => void }> {
    const before = lastTurn;
    let giveBack = () => {};
    lastTurn = new Promise((resolve) => {
      giveBack = resolve;
    });
    waiting++;
    try {
      await unlessAborted(before, signal);
    } catch (error) {
      void before.then(giveBack); // later requests still wait for those before this one
      throw error;
    } finally {
      waiting--;
    }
    try {
      loading ??= load();
      const decoder = await unlessAborted(loading, signal);
      if (!decoder.lost) return { decoder, giveBack };
      loading = load();
      await decoder.dispose();
      return { decoder: await unlessAborted(loading, signal), giveBack };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  const endsOfPrompt = (prompt: Prompt) =>
    endsOf({
      isLearned: options.adapter !== undefined || adapterOf(prompt) !== undefined,
      isTurn: isConversation(prompt),
    });

  function requestOptions(prompts: readonly Prompt[], { signal, ...given }: TextRequestOptions) {
    signal?.throwIfAborted();
    const isJson = given.jsonSchema !== undefined;
    const grammars = isJson ? grammarsOf(tokenizer) : undefined;
    const own = prompts.map(rowOptionsOf);
    // Reports invalid options before a model is loaded.
    grammarFor(resolveGenerationOptions(given), () => grammars!);
    for (const [row, options] of own.entries()) resolveRowOptions(given, options, row);
    const decode = decodeOf(tokenizer, { cleansUp: !isJson });
    const ends = given.eosTokenId === undefined ? prompts.map(endsOfPrompt) : undefined;
    return { ...given, signal, ends, decode, grammars, own, adapters: prompts.map(adapterOf) };
  }

  async function generateAll(
    given: readonly Prompt[],
    { onToken, logprobs, ...request }: BatchRequestOptions = {},
  ): Promise<GeneratedRow[]> {
    checkPrompts(given);
    const prompts = given.map(asUsed);
    const settings = { ...requestOptions(prompts, request), onToken, logprobs };
    const ids = prompts.map(encode);
    const { decoder, giveBack } = await takeDecoder(request.signal);
    return generate(decoder, ids, settings).finally(giveBack);
  }

  function generateRows(prompt: Prompt, request?: BatchRequestOptions): Promise<GeneratedRow>;
  function generateRows<const Prompts extends readonly Prompt[]>(
    prompts: Prompts,
    request?: BatchRequestOptions,
  ): Promise<RowsOf<Prompts>>;
  async function generateRows(prompts: Prompt | readonly Prompt[], request?: BatchRequestOptions) {
    return isList(prompts) ? generateAll(prompts, request) : (await generateAll([prompts], request))[0]!;
  }

  return {
    generate: generateRows,
    chat: (messages, { adapter: name, ...request } = {}) =>
      generateRows({ messages, ...(name !== undefined && { adapter: name }) }, request),
    async *stream(given, request = {}) {
      checkPrompts([given]);
      const prompt = asUsed(given);
      const settings = requestOptions([prompt], request);
      const ids = encode(prompt);
      const { decoder, giveBack } = await takeDecoder(request.signal);
      const pieces = streamText(decoder, ids, settings);
      let hasLostTurn = false;
      const loseTurn = async () => {
        hasLostTurn = true;
        await pieces.return(undefined);
        giveBack();
      };
      try {
        for await (const piece of pieces) {
          const watch = setInterval(() => {
            if (waiting > 0 && !hasLostTurn) void loseTurn();
          }, patience);
          watch.unref?.();
          try {
            yield piece;
          } finally {
            clearInterval(watch);
          }
          if (hasLostTurn)
            throw new PromptuneError(
              say`the stream was not read for ${patience / 1000} s while another request waited, and
                was ended`,
            );
        }
      } finally {
        giveBack();
      }
    },
    async dispose() {
      const decoder = loading;
      loading = undefined;
      await (await decoder)?.dispose();
    },
    [Symbol.asyncDispose]() {
      return this.dispose();
    },
  };
}

/** Milliseconds that a stream may keep others waiting between two reads. */
const patience = 60_000;

/** The result of the promise, or the signal's reason if it is aborted first. */
async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', stop));
}

const isList = (prompts: Prompt | readonly Prompt[]): prompts is readonly Prompt[] => Array.isArray(prompts);
