/** @file The bodies of requests: OpenAI's fields, and those of vLLM's extensions that clients send. */
import * as z from 'zod';
import { say } from '../../say.js';

/** Maximum number of continuations per request, over all its prompts. */
export const maxChoices = 128;

const text = z.string('expected a text');
const flag = z.boolean('expected true or false').nullish();
/** A message in the language of who reads it: a text that the schema had would be in that of its loading. */
const saying = (error: () => string) => ({ error });
const count = (from: number, to?: number) => {
  const expected = saying(() =>
    to === undefined ? say`expected an integer from ${from}` : say`expected an integer from ${from} to ${to}`,
  );
  return z
    .int(expected)
    .min(from, expected)
    .max(to ?? Number.MAX_SAFE_INTEGER, expected);
};
const number = (from: number, to: number) => {
  const expected = saying(() => say`expected a number from ${from} to ${to}`);
  return z.number(expected).min(from, expected).max(to, expected);
};
const tokenId = z.int('expected token ids').min(0, 'expected token ids, from 0');
const tokenIds = z.array(tokenId, 'expected a list of token ids');

const stopText = z.string().min(1, 'expected a text that is not empty');
const stop = z
  .union([stopText, z.array(stopText).max(4)], 'expected a text, or at most 4 of them, none of them empty')
  .nullish();

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('text') }),
    z.object({ type: z.literal('json_object') }),
    z.object({
      type: z.literal('json_schema'),
      json_schema: z.object({
        name: text.nullish(),
        description: text.nullish(),
        schema: z.union([z.record(z.string(), z.unknown()), z.boolean()], 'expected a JSON Schema').nullish(),
        strict: flag,
      }),
    }),
  ],
  'expected the type text, json_object or json_schema',
);

/** The fields of both kinds of requests. Unknown fields are ignored, as clients keep adding new ones. */
const shared = {
  model: z.string('expected the id of a model; /v1/models lists them'),
  stream: flag,
  stream_options: z.object({ include_usage: flag, include_obfuscation: flag }).nullish(),
  n: count(1, maxChoices).nullish(),
  temperature: number(0, 2).nullish(),
  top_p: z
    .number('expected a number')
    .gt(0, 'expected a number above 0')
    .max(1, 'expected at most 1')
    .nullish(),
  presence_penalty: number(-2, 2).nullish(),
  frequency_penalty: number(-2, 2).nullish(),
  logit_bias: z
    .record(z.string().regex(/^\d+$/), number(-100, 100), 'expected numbers from -100 to 100 by token id')
    .nullish(),
  seed: z.int('expected an integer').nullish(),
  stop,
  top_k: count(-1).nullish(),
  repetition_penalty: z.number('expected a number').gt(0, 'expected a number above 0').nullish(),
  min_tokens: count(0).nullish(),
  prompt_lookup_num_tokens: count(1, 64).nullish(),
  ignore_eos: flag,
  response_format: responseFormat.nullish(),
};

export const completionSchema = z.object({
  ...shared,
  prompt: z
    .union(
      [z.string(), z.array(z.string()).min(1), z.array(tokenId), z.array(z.array(tokenId)).min(1)],
      'expected a text, a list of texts, token ids, or a list of lists of token ids',
    )
    .nullish(),
  max_tokens: count(0).nullish(),
  best_of: count(1, maxChoices).nullish(),
  echo: flag,
  logprobs: count(0, 5).nullish(),
  add_special_tokens: flag,
});
export type CompletionBody = z.output<typeof completionSchema>;

const toolName = z.string().regex(/^[\w-]{1,64}$/, 'expected a name of letters, digits, _ and -, at most 64');
const tool = z.object({
  type: z.literal('function', 'only tools of the type function are known here'),
  function: z.object({
    name: toolName,
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown(), 'expected a JSON Schema').nullish(),
    strict: flag,
  }),
});
const tools = z.array(tool, 'expected a list of tools').max(128, 'expected at most 128 tools').nullish();
export type ToolBody = z.output<typeof tool>;

const toolChoice = z
  .union(
    [
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: toolName }) }),
    ],
    'expected none, auto, required, or a function by its name',
  )
  .nullish();

const toolCall = z.looseObject({
  id: text.nullish(),
  function: z.looseObject({
    name: text,
    arguments: z.union([z.string(), z.record(z.string(), z.unknown())], 'expected a JSON text').nullish(),
  }),
});

const part = z.object({ type: z.literal('text', 'only parts with text can be read here'), text });
const message = z.object({
  role: z.enum(
    ['developer', 'system', 'user', 'assistant', 'tool'],
    'expected developer, system, user, assistant or tool',
  ),
  content: z.union([z.string(), z.array(part)], 'expected a text, or a list of parts with text').nullish(),
  name: text.nullish(),
  tool_calls: z.array(toolCall, 'expected a list of calls').nullish(),
  tool_call_id: text.nullish(),
});
const messages = z.array(message, 'expected a list of messages').min(1, 'expected at least one message');
export type MessageBody = z.output<typeof message>;

export const chatSchema = z.object({
  ...shared,
  messages,
  max_tokens: count(1).nullish(),
  max_completion_tokens: count(1).nullish(),
  logprobs: flag,
  top_logprobs: count(0, 20).nullish(),
  tools,
  tool_choice: toolChoice,
  parallel_tool_calls: flag,
});
export type ChatBody = z.output<typeof chatSchema>;

const someTexts = saying(() => say`expected a text or its fields, or a list of at most ${maxChoices}`);
const textOrFields = z.union([z.string(), z.record(z.string(), z.string())]);
export const classifySchema = z.object({
  model: shared.model,
  input: z.union(
    [textOrFields, z.array(textOrFields).min(1, someTexts).max(maxChoices, someTexts)],
    someTexts,
  ),
});
export type ClassifyBody = z.output<typeof classifySchema>;

export const tokenizeSchema = z.object({
  model: text.nullish(),
  prompt: text.nullish(),
  messages: messages.nullish(),
  tools,
  add_special_tokens: flag,
  add_generation_prompt: flag,
  return_token_strs: flag,
});

export const detokenizeSchema = z.object({ model: text.nullish(), tokens: tokenIds });

const isEmpty = (value: unknown) => typeof value === 'object' && Object.keys(value as object).length === 0;
const never = () => false;
const unless =
  (...neutral: unknown[]) =>
  (value: unknown) =>
    neutral.includes(value);

/**
 * Unsupported fields that would change the answer, with the values that have no effect. If a route's schema has one of
 * them, the schema decides.
 */
export const unsupported: Readonly<Record<string, (value: unknown) => boolean>> = {
  add_generation_prompt: unless(true),
  add_special_tokens: never,
  allowed_token_ids: never,
  audio: never,
  bad_words: isEmpty,
  best_of: unless(1),
  chat_template: never,
  chat_template_kwargs: isEmpty,
  continue_final_message: unless(false),
  documents: isEmpty,
  echo: unless(false),
  function_call: unless('none', 'auto'),
  functions: isEmpty,
  guided_choice: never,
  guided_grammar: never,
  guided_json: never,
  guided_regex: never,
  include_stop_str_in_output: unless(false),
  length_penalty: unless(1),
  min_p: unless(0),
  modalities: (value) => Array.isArray(value) && value.every((each) => each === 'text'),
  prompt_logprobs: never,
  skip_special_tokens: unless(true),
  stop_token_ids: isEmpty,
  structured_outputs: never,
  suffix: unless(''),
  tool_choice: unless('none', 'auto'),
  tools: isEmpty,
  truncate_prompt_tokens: never,
  use_beam_search: unless(false),
  web_search_options: never,
};
