/** @file The bodies of requests: OpenAI's fields, and those of vLLM's that clients send along. */
import { z } from 'zod';

const stop = z.union([z.string(), z.array(z.string()).max(4, 'must be at most 4 texts')]).nullish();
const tokenIds = z.array(z.int().min(0));

/** What both kinds of requests have. Fields that are not known here are ignored, as clients send more with time. */
const shared = {
  model: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z
    .object({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .nullish(),
  n: z.int().min(1).max(8).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  top_k: z.int().min(-1).nullish(),
  repetition_penalty: z.number().gt(0).nullish(),
  min_tokens: z.int().min(0).nullish(),
  seed: z.int().nullish(),
  stop,
};

export const completionSchema = z.object({
  ...shared,
  prompt: z.union([z.string(), z.array(z.string()).min(1), tokenIds, z.array(tokenIds).min(1)]).nullish(),
  max_tokens: z.int().min(1).nullish(),
});
export type CompletionBody = z.output<typeof completionSchema>;

const part = z.object({ type: z.literal('text', 'only text parts can be read here'), text: z.string() });
const message = z.object({
  role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(part)]).nullish(),
});

export const chatSchema = z.object({
  ...shared,
  messages: z.array(message).min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
});
export type ChatBody = z.output<typeof chatSchema>;

/** Fields that change the answer and are not supported, with the values that ask for nothing. */
export const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  best_of: (value) => value === 1,
  echo: (value) => value === false,
  frequency_penalty: (value) => value === 0,
  functions: (value) => isEmpty(value),
  guided_json: () => false,
  logit_bias: (value) => isEmpty(value),
  logprobs: (value) => value === false,
  presence_penalty: (value) => value === 0,
  prompt_logprobs: () => false,
  response_format: (value) => (value as { type?: unknown }).type === 'text',
  suffix: (value) => value === '',
  tools: (value) => isEmpty(value),
  top_logprobs: (value) => value === 0,
};

const isEmpty = (value: unknown) => Object.keys(value as object).length === 0;
