/** @file `POST /v1/chat/completions`: answers to conversations, formatted by the model's chat template. */
import type { Message } from '../../text/chat.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { ApiError } from './errors.js';
import { generationOptionsOf, streamingOf } from './generation-options.js';
import type { AnswerFormat, BodyRequest, Part } from './generations.js';
import { ChatLogprobs } from './logprobs.js';
import { fieldError } from './request-body.js';
import type { ChatBody, MessageBody } from './schemas.js';

/** @throws ApiError for fields that contradict each other, or if the model has no chat template */
export function chatRequest(body: ChatBody, tokenizer: Tokenizer, maxLength: number): BodyRequest {
  requireChatTemplate(tokenizer);
  const { model, n, logprobs, top_logprobs: topLogprobs } = body;
  if (topLogprobs && !logprobs) throw fieldError('top_logprobs', 'it means something only with logprobs');
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? maxLength;
  return {
    ...{ model, n: n ?? 1, ...streamingOf(body) },
    prompts: [{ messages: body.messages.map(messageOf) }],
    options: generationOptionsOf(body, maxTokens, tokenizer),
    logprobs: logprobs ? (topLogprobs ?? 0) : undefined,
  };
}

export function chatFormat({ logprobs }: ChatBody, tokenizer: Tokenizer): AnswerFormat {
  return {
    prefix: 'chatcmpl-',
    object: 'chat.completion',
    chunkObject: 'chat.completion.chunk',
    choice({ promptIds }) {
      const writer = new ChatLogprobs(tokenizer, promptIds);
      const logprobsOf = ({ tokens }: Part) => (logprobs && tokens.length > 0 ? writer.of(tokens) : null);
      return {
        whole: (part) => ({
          message: { role: 'assistant', content: part.text, refusal: null },
          logprobs: logprobsOf(part),
        }),
        begin: { delta: { role: 'assistant', content: '' }, logprobs: null },
        chunk: (part) => ({
          delta: part.text === '' ? {} : { content: part.text },
          logprobs: logprobsOf(part),
        }),
      };
    },
  };
}

export function requireChatTemplate({ chatTemplate }: Tokenizer): void {
  if (chatTemplate !== undefined) return;
  throw new ApiError(
    400,
    'this model has no chat template, and reads no conversations; use /v1/completions',
    {
      param: 'messages',
    },
  );
}

/** A message for chat templates. Newer clients send `developer` messages instead of `system` messages. */
export function messageOf({ role, content, ...rest }: MessageBody): Message {
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
  return {
    role: role === 'developer' ? 'system' : role,
    content: Array.isArray(content) ? content.map(({ text }) => text).join('') : (content ?? null),
    ...Object.fromEntries(given),
  };
}
