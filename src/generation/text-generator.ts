/** @file Generation from text to text: a model, its tokenizer and an adapter, ready for any number of requests. */
import type { Tokenizer } from '../data/tokenizer.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import type { Decoder } from './decoder.js';
import { type GeneratedRow, generate, streamText, type TokenEvent } from './generate.js';
import { createModelDecoder } from './model-decoder.js';
import { candidatesNeeded, type GenerationOptions } from './options.js';

export interface TextGeneratorOptions {
  model: CausalLM;
  tokenizer: Tokenizer;
  adapter?: Adapter;
  device?: Device;
  threads?: number;
}

export interface TextRequestOptions extends GenerationOptions {
  signal?: AbortSignal;
}

export interface TextGenerator {
  /** Continues each prompt, all in one batch. `onToken` is called with every new token. */
  generate(
    prompts: readonly string[],
    options?: TextRequestOptions & { onToken?: (event: TokenEvent) => void },
  ): Promise<GeneratedRow[]>;
  /** Continues one prompt, piece by piece; a piece never ends within a character. */
  stream(prompt: string, options?: TextRequestOptions): AsyncGenerator<string>;
  dispose(): Promise<void>;
}

/**
 * A generator over one model and adapter. A row ends at the tokenizer's end-of-text token unless `eosTokenId` says
 * otherwise. The model is loaded at the first request; requests that need different scores (greedy, sampling, beams) load
 * a graph each, over the same mapped weights.
 */
export function createTextGenerator({
  model,
  tokenizer,
  adapter,
  device,
  threads,
}: TextGeneratorOptions): TextGenerator {
  const decoders = new Map<number | 'all', Promise<Decoder>>();

  function prepare(options: TextRequestOptions) {
    const { signal, ...given } = options;
    const eosTokenId = given.eosTokenId ?? tokenizer.eosTokenId;
    const generation: GenerationOptions = eosTokenId === undefined ? given : { ...given, eosTokenId };
    const candidates = candidatesNeeded(generation);
    const decoder =
      decoders.get(candidates) ?? createModelDecoder({ model, adapter, candidates, device, threads });
    decoders.set(candidates, decoder);
    return {
      decoder,
      options: { ...generation, signal, decode: (ids: Iterable<number>) => tokenizer.decode(ids) },
    };
  }

  return {
    async generate(prompts, { onToken, ...request } = {}) {
      const { decoder, options } = prepare(request);
      return generate(
        await decoder,
        prompts.map((prompt) => tokenizer.encode(prompt)),
        { ...options, onToken },
      );
    },
    async *stream(prompt, request = {}) {
      const { decoder, options } = prepare(request);
      yield* streamText(await decoder, tokenizer.encode(prompt), options);
    },
    async dispose() {
      for (const decoder of decoders.values()) await (await decoder).dispose();
      decoders.clear();
    },
  };
}
