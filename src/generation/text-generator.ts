/** @file Generation from text to text: a model, its tokenizer and an adapter, ready for any number of requests. */
import { encodePrompt } from '../data/prompt-text.js';
import { promptTemplate } from '../data/template.js';
import type { Tokenizer } from '../data/tokenizer.js';
import { UsageError } from '../errors.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import type { Decoder } from './decoder.js';
import { type GeneratedRow, generate, streamText, type TokenEvent } from './generate.js';
import { createModelDecoder } from './model-decoder.js';
import { type GenerationOptions, resolveGenerationOptions } from './options.js';

export interface TextGeneratorOptions {
  model: CausalLM;
  tokenizer: Tokenizer;
  adapter?: Adapter;
  device?: Device;
  threads?: number;
  /**
   * Keeps the weights in memory in a layout of ONNX Runtime's own, where they are read faster: more tokens a second, for
   * a private copy of the weights and a slower first request. Default false: they stay mapped from their file.
   */
  prepacking?: boolean;
}

/** A text, or the fields of the template that an adapter's soft tokens stand in. A template's only field can be a text. */
export type Prompt = string | Readonly<Record<string, string>>;

export interface TextRequestOptions extends GenerationOptions {
  signal?: AbortSignal;
}

export interface TextGenerator {
  /** Continues each prompt, all in one batch. `onToken` is called with every new token. */
  generate(
    prompts: readonly Prompt[],
    options?: TextRequestOptions & { onToken?: (event: TokenEvent) => void },
  ): Promise<GeneratedRow[]>;
  /** Continues one prompt, piece by piece; a piece never ends within a character. */
  stream(prompt: Prompt, options?: TextRequestOptions): AsyncGenerator<string>;
  dispose(): Promise<void>;
}

/**
 * A generator over one model and adapter. A row ends at the tokenizer's end-of-text token unless `eosTokenId` says
 * otherwise. The model is loaded at the first request. Requests take turns, and an abandoned stream ends its turn.
 */
export function createTextGenerator({ tokenizer, ...options }: TextGeneratorOptions): TextGenerator {
  let loading: Promise<Decoder> | undefined;
  let lastTurn = Promise.resolve();
  const encode = promptEncoder(tokenizer, options);

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

  function requestOptions({ signal, ...given }: TextRequestOptions) {
    const eosTokenId = given.eosTokenId ?? tokenizer.eosTokenId;
    const generation: GenerationOptions = eosTokenId === undefined ? given : { ...given, eosTokenId };
    resolveGenerationOptions(generation); // what is wrong with them is told before a model is loaded
    return { ...generation, signal, decode: (ids: Iterable<number>) => tokenizer.decode(ids) };
  }

  return {
    async generate(prompts, { onToken, ...request } = {}) {
      const settings = { ...requestOptions(request), onToken };
      const ids = prompts.map(encode);
      const { decoder, giveBack } = await takeDecoder();
      return generate(decoder, ids, settings).finally(giveBack);
    },
    async *stream(prompt, request = {}) {
      const settings = requestOptions(request);
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
  };
}

/** From a prompt to token ids: in the template of the adapter's soft tokens, if it has one. */
function promptEncoder(
  tokenizer: Tokenizer,
  { model, adapter }: Pick<TextGeneratorOptions, 'model' | 'adapter'>,
): (prompt: Prompt) => number[] {
  if (!adapter?.placement)
    return (prompt) => {
      if (typeof prompt === 'string') return tokenizer.encode(prompt);
      throw new UsageError('a prompt with fields needs an adapter whose soft tokens stand in a template');
    };
  const { template } = adapter.placement;
  const { fields, render } = promptTemplate(template);
  const names = [...fields];
  return (prompt) => {
    if (typeof prompt === 'string' && names.length !== 1)
      throw new UsageError(
        `the soft tokens stand in ${JSON.stringify(template)}: give a prompt's ${names.join(', ') || 'no'} fields by name`,
      );
    const values = typeof prompt === 'string' ? { [names[0]!]: prompt } : prompt;
    return encodePrompt(tokenizer, render(values), model.config.vocabSize);
  };
}
