/** @file Generation from text to text: a model, its tokenizer and an adapter, ready for any number of requests. */

import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Decoder } from './decoder.js';
import { endTokensOf } from './end-tokens.js';
import { type GeneratedRow, generate, streamText, type TokenEvent } from './generate.js';
import { createModelDecoder } from './model-decoder.js';
import { type GenerationOptions, resolveGenerationOptions } from './options.js';
import { isConversation, type Prompt, promptEncoder } from './prompts.js';
import { decodeOf } from './text-stream.js';

export interface TextGeneratorOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** What every prompt uses. */
  adapter?: Adapter;
  /** Instead of one adapter several, by any names: each prompt names the one that it uses, or none. */
  adapters?: Readonly<Record<string, Adapter>>;
  device?: Device;
  threads?: number;
  /**
   * Keeps the weights in memory in a layout of ONNX Runtime's own, where they are read faster: more tokens a second,
   * for a private copy of the weights and a slower first request. Default false: they stay mapped from their file.
   */
  prepacking?: boolean;
}

export interface TextRequestOptions extends GenerationOptions {
  signal?: AbortSignal;
}

export interface BatchRequestOptions extends TextRequestOptions {
  onToken?: (event: TokenEvent) => void;
}

/** A row for each prompt: as many as the list of prompts has, where its type says how many. */
export type RowsOf<Prompts extends readonly Prompt[]> = { -readonly [Place in keyof Prompts]: GeneratedRow };

const adapterOf = (prompt: Prompt) => (typeof prompt === 'string' ? undefined : prompt.adapter);

export interface TextGenerator {
  /** Continues one prompt; otherwise as a list. */
  generate(prompt: Prompt, options?: BatchRequestOptions): Promise<GeneratedRow>;
  /**
   * Continues each prompt, all in one batch, whatever adapters they use: each gets what it would get alone. `onToken`
   * is called with every new token.
   * @throws UsageError for a conversation where the tokenizer has no chat template
   */
  generate<const Prompts extends readonly Prompt[]>(
    prompts: Prompts,
    options?: BatchRequestOptions,
  ): Promise<RowsOf<Prompts>>;
  /** Continues one prompt, piece by piece; a piece never ends within a character. */
  stream(prompt: Prompt, options?: TextRequestOptions): AsyncGenerator<string>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A generator over one model and adapter. A row ends at any of its end tokens (see `endTokensOf`) unless `eosTokenId`
 * says otherwise. The model is loaded at the first request. Requests take turns, and an abandoned
 * stream ends its turn.
 */
export function createTextGenerator({ tokenizer, ...options }: TextGeneratorOptions): TextGenerator {
  let loading: Promise<Decoder> | undefined;
  let lastTurn = Promise.resolve();
  const { adapter, adapters = {} } = options;
  const encoder = promptEncoder(tokenizer, options.model);
  const encode = (prompt: Prompt) => encoder(prompt, adapterNamed(adapterOf(prompt)));
  const endsOf = endTokensOf(options.model, tokenizer);

  function adapterNamed(name: string | undefined): Adapter | undefined {
    if (name === undefined) return adapter;
    if (Object.hasOwn(adapters, name)) return adapters[name];
    const known = Object.keys(adapters).join(', ') || 'none';
    throw new UsageError(`a prompt names the adapter "${name}"; the generator's adapters are ${known}`, {
      code: 'unknown-name',
    });
  }

  /** The decoder, once those who asked before have given it back. It holds the cache of one batch at a time. */
  async function takeDecoder(): Promise<{ decoder: Decoder; giveBack: () => void }> {
    const before = lastTurn;
    let giveBack = () => {};
    lastTurn = new Promise((resolve) => {
      giveBack = resolve;
    });
    await before;
    try {
      loading ??= createModelDecoder(options);
      return { decoder: await loading, giveBack };
    } catch (error) {
      loading = undefined;
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
    resolveGenerationOptions(given); // what is wrong with them is told before a model is loaded
    const ends = given.eosTokenId === undefined ? prompts.map(endsOfPrompt) : undefined;
    return { ...given, signal, ends, decode: decodeOf(tokenizer), adapters: prompts.map(adapterOf) };
  }

  async function generateAll(
    prompts: readonly Prompt[],
    { onToken, ...request }: BatchRequestOptions = {},
  ): Promise<GeneratedRow[]> {
    const settings = { ...requestOptions(prompts, request), onToken };
    const ids = prompts.map(encode);
    const { decoder, giveBack } = await takeDecoder();
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
    async *stream(prompt, request = {}) {
      const settings = requestOptions([prompt], request);
      const ids = encode(prompt);
      const { decoder, giveBack } = await takeDecoder();
      try {
        yield* streamText(decoder, ids, settings);
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

const isList = (prompts: Prompt | readonly Prompt[]): prompts is readonly Prompt[] => Array.isArray(prompts);
