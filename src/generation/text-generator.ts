/** @file Generation from text to text: a model, its tokenizer and an adapter, ready for any number of requests. */

import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import { type ChatFormat, chatFormatOf, type Message } from '../text/chat.js';
import { encodePrompt } from '../text/prompt-text.js';
import { promptTemplate } from '../text/template.js';
import { startText, type Tokenizer } from '../text/tokenizer.js';
import type { Decoder } from './decoder.js';
import { endTokensOf } from './end-tokens.js';
import { type GeneratedRow, generate, streamText, type TokenEvent } from './generate.js';
import { createModelDecoder } from './model-decoder.js';
import { type GenerationOptions, resolveGenerationOptions } from './options.js';
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

/**
 * What is to be continued: a text, with the choices of a TextPrompt, or a conversation that an assistant's turn
 * follows.
 */
export type Prompt = string | TextPrompt | ChatPrompt;

export interface TextPrompt {
  /** The text, or the fields of the template that an adapter's soft tokens stand in (a text is its only field). */
  readonly text: string | Readonly<Record<string, string>>;
  /**
   * Whether the text begins with the model's begin-of-text token, where it has one. False for what a chat template has
   * written, which is a whole by itself. Default: true.
   */
  readonly addSpecialTokens?: boolean;
  /** The name of the adapter that it uses, where the generator has several. Default: none of them. */
  readonly adapter?: string;
}

/** Written by the model's chat template, up to where the assistant's turn begins. */
export interface ChatPrompt {
  readonly messages: readonly Message[];
  /** As a TextPrompt's. */
  readonly adapter?: string;
}

export interface TextRequestOptions extends GenerationOptions {
  signal?: AbortSignal;
}

export interface BatchRequestOptions extends TextRequestOptions {
  onToken?: (event: TokenEvent) => void;
}

/** A row for each prompt: as many as the list of prompts has, where its type says how many. */
export type RowsOf<Prompts extends readonly Prompt[]> = { -readonly [Place in keyof Prompts]: GeneratedRow };

const isConversation = (prompt: Prompt): prompt is ChatPrompt =>
  typeof prompt !== 'string' && 'messages' in prompt;
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
  const encode = promptEncoder(tokenizer, options);
  const endsOf = endTokensOf(options.model, tokenizer);

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

/**
 * From a prompt to token ids: in the template of the adapter's soft tokens, if it has one.
 * The function throws a UsageError for an adapter that is not there, and for fields that do not fit.
 */
function promptEncoder(
  tokenizer: Tokenizer,
  { model, adapter, adapters = {} }: Pick<TextGeneratorOptions, 'model' | 'adapter' | 'adapters'>,
): (prompt: Prompt) => number[] {
  const placed = adapter?.placement && promptTemplate(adapter.placement.template);
  let chat: ChatFormat | undefined;
  const asText = (prompt: Prompt): TextPrompt => {
    if (typeof prompt === 'string') return { text: prompt };
    if (!isConversation(prompt)) return prompt;
    chat ??= chatFormatOf(tokenizer);
    const text = chat.format(prompt.messages, { addGenerationPrompt: true });
    return { text, addSpecialTokens: false, adapter: prompt.adapter };
  };
  return (prompt) => {
    const request = asText(prompt);
    const { text, adapter: name, addSpecialTokens = true } = request;
    const begun = (ids: number[]) => (addSpecialTokens ? startText(tokenizer, ids) : ids);
    if (name !== undefined && !Object.hasOwn(adapters, name)) {
      const known = Object.keys(adapters).join(', ') || 'none';
      throw new UsageError(`a prompt names the adapter "${name}"; the generator's adapters are ${known}`, {
        code: 'unknown-name',
      });
    }
    if (!placed) {
      // An encoder reads texts with the tokens that the tokenizer puts around them; a decoder goes on from the text
      // itself.
      if (typeof text === 'string' && model.encoder)
        return tokenizer.encode(text, { addSpecialTokens: true });
      if (typeof text === 'string') return begun(tokenizer.encode(text));
      throw new UsageError('a prompt with fields needs an adapter whose soft tokens stand in a template');
    }
    const names = [...placed.fields];
    if (typeof text === 'string' && names.length !== 1)
      throw new UsageError(
        `the soft tokens stand in ${JSON.stringify(adapter?.placement?.template)}: give a prompt's ${names.join(', ') || 'no'} fields by name`,
      );
    const values = typeof text === 'string' ? { [names[0]!]: text } : text;
    return begun(encodePrompt(tokenizer, placed.render(values), model.config.vocabSize));
  };
}
