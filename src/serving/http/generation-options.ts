/** @file Generation options from the fields that both kinds of requests share. */

import { randomInt } from 'node:crypto';
import type { GenerationOptions } from '../../generation/options.js';
import { say } from '../../say.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { fieldError } from './request-body.js';
import type { ChatBody, CompletionBody } from './schemas.js';

/**
 * OpenAI's defaults: temperature 1 over the whole vocabulary, with a new seed for each request.
 * @throws ApiError for fields that contradict each other
 */
export function generationOptionsOf(
  body: CompletionBody | ChatBody,
  maxNewTokens: number,
  { vocabSize }: Tokenizer,
): GenerationOptions {
  const { temperature, top_p, top_k, seed, stop, repetition_penalty, min_tokens, logit_bias } = body;
  const unknown = Object.keys(logit_bias ?? {}).find((id) => Number(id) >= vocabSize);
  if (unknown !== undefined)
    throw fieldError('logit_bias', say`there is no token ${unknown}; ids go from 0 to ${vocabSize - 1}`);
  if (min_tokens && body.response_format && body.response_format.type !== 'text')
    throw fieldError('min_tokens', say`JSON ends where it is complete; leave it out`);
  if ((min_tokens ?? 0) > maxNewTokens)
    throw fieldError('min_tokens', say`expected at most the number of new tokens (${maxNewTokens})`);
  const sampling = {
    temperature: temperature ?? 1,
    topP: top_p ?? 1,
    topK: Math.max(0, top_k ?? 0),
    seed: seed === undefined || seed === null ? randomInt(2 ** 32) : Number(BigInt.asUintN(32, BigInt(seed))),
  };
  return {
    maxNewTokens,
    minNewTokens: min_tokens ?? 0,
    ...(temperature === 0 ? {} : sampling),
    stop: [stop ?? []].flat(),
    repetitionPenalty: repetition_penalty ?? 1,
    presencePenalty: body.presence_penalty ?? 0,
    frequencyPenalty: body.frequency_penalty ?? 0,
    logitBias: logit_bias ?? {},
    ...(body.prompt_lookup_num_tokens && { promptLookupNumTokens: body.prompt_lookup_num_tokens }),
    ...(body.ignore_eos && { eosTokenId: [] }),
    ...jsonSchemaOf(body),
  };
}

/** `strict` or not: the text is always valid by the schema. */
function jsonSchemaOf({ response_format: format }: CompletionBody | ChatBody): GenerationOptions {
  if (format?.type === 'json_object') return { jsonSchema: { type: 'object' } };
  if (format?.type === 'json_schema') return { jsonSchema: format.json_schema.schema ?? true };
  return {};
}

/** Whether the body requests a stream, and usage at its end. */
export function streamingOf({ stream, stream_options }: CompletionBody | ChatBody) {
  if (stream_options && !stream) throw fieldError('stream_options', say`it means something only with stream`);
  return { stream: stream ?? false, includeUsage: stream_options?.include_usage ?? false };
}
