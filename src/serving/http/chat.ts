/** @file `POST /v1/chat/completions`: answers to conversations, formatted by the model's chat template. */
import { say } from '../../say.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { newCallId, type ToolCall } from '../../text/tool-calls.js';
import type { ChatChoice, ChatChunkChoice, ChatTokens, ToolCallBody } from './answers.js';
import { chatTemplateOf, messagesOf } from './chat-template.js';
import { generationOptionsOf, streamingOf } from './generation-options.js';
import type { AnswerFormat, BodyRequest, ChoiceFormat, Part } from './generations.js';
import { ChatLogprobs } from './logprobs.js';
import { fieldError } from './request-body.js';
import type { ChatBody } from './schemas.js';
import { type ToolUse, toolUseOf } from './tools.js';

/**
 * The request of a body, and the format of its answers.
 * @throws ApiError for fields that contradict each other, or that the model's chat template cannot serve
 */
export function chatRequest(
  body: ChatBody,
  tokenizer: Tokenizer,
  maxLength: number,
): { request: BodyRequest; format: ChatFormat } {
  const template = chatTemplateOf(tokenizer);
  const { model, n, logprobs, top_logprobs: topLogprobs } = body;
  if (topLogprobs && !logprobs) throw fieldError('top_logprobs', say`it means something only with logprobs`);
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? maxLength;
  const toolUse = toolUseOf(body, template, tokenizer);
  const messages = messagesOf(body.messages, template);
  const { beginning, jsonSchema } = toolUse?.forced ?? {};
  return {
    request: {
      ...{ model, n: n ?? 1, ...streamingOf(body) },
      prompts: [{ messages, ...(toolUse && { tools: toolUse.tools }), ...(beginning && { beginning }) }],
      options: {
        ...generationOptionsOf(body, maxTokens, tokenizer),
        ...(jsonSchema && { jsonSchema: { ...jsonSchema } }),
      },
      ...(toolUse?.calls && { calls: toolUse.calls }),
      logprobs: logprobs ? (topLogprobs ?? 0) : undefined,
    },
    format: chatFormat(logprobs ?? false, toolUse, tokenizer),
  };
}

type ChatFormat = AnswerFormat<ChatChoice, ChatChunkChoice>;

function chatFormat(hasLogprobs: boolean, toolUse: ToolUse | undefined, tokenizer: Tokenizer): ChatFormat {
  return {
    prefix: 'chatcmpl-',
    object: 'chat.completion',
    chunkObject: 'chat.completion.chunk',
    choice({ promptIds }) {
      const writer = new ChatLogprobs(tokenizer, promptIds);
      const logprobsOf = ({ tokens }: Part) => (hasLogprobs && tokens.length > 0 ? writer.of(tokens) : null);
      return toolUse ? calling(toolUse, logprobsOf) : answering(logprobsOf);
    },
  };
}

type LogprobsOf = (part: Part) => ChatTokens | null;

const begin: ChatChunkChoice = { delta: { role: 'assistant', content: '' }, logprobs: null };

const answering = (logprobsOf: LogprobsOf): ChoiceFormat<ChatChoice, ChatChunkChoice> => ({
  whole: (part) => ({
    message: { role: 'assistant', content: part.text, refusal: null },
    logprobs: logprobsOf(part),
  }),
  begin,
  chunk: (part) => ({
    delta: part.text === '' ? {} : { content: part.text },
    logprobs: logprobsOf(part),
  }),
});

/** An answer that may call tools. A call is sent once it is whole. */
function calling(toolUse: ToolUse, logprobsOf: LogprobsOf): ChoiceFormat<ChatChoice, ChatChunkChoice> {
  const reader = toolUse.reader();
  let count = 0;
  const take = ({ text }: Part, isLast: boolean) => {
    const parts = [reader.push(text), ...(isLast ? [reader.end()] : [])];
    const found = parts.flatMap(({ calls }) => calls).map(callObject);
    const calls = found.slice(0, toolUse.isParallel ? undefined : Math.max(0, 1 - count));
    const from = count;
    count += calls.length;
    return { content: parts.map(({ content }) => content).join(''), calls, from };
  };
  return {
    whole(part) {
      const { content, calls } = take(part, true);
      const said = calls.length > 0 && content === '' ? null : content;
      const called = calls.length > 0 && { tool_calls: calls };
      return {
        message: { role: 'assistant', content: said, refusal: null, ...called },
        logprobs: logprobsOf(part),
      };
    },
    begin,
    chunk(part, isLast) {
      const { content, calls, from } = take(part, isLast);
      const indexed = calls.map((call, i) => ({ index: from + i, ...call }));
      const delta = { ...(content !== '' && { content }), ...(calls.length > 0 && { tool_calls: indexed }) };
      const logprobs = logprobsOf(part);
      const isNothing = Object.keys(delta).length === 0 && logprobs === null && !isLast;
      return isNothing ? undefined : { delta, logprobs };
    },
    // As OpenAI says it: a function that was named is no choice of the model.
    finishOf: (reason) => (reason === 'stop' && count > 0 && !toolUse.isNamed ? 'tool_calls' : reason),
  };
}

const callObject = (call: ToolCall): ToolCallBody => ({
  ...{ id: newCallId(), type: 'function', function: { ...call } },
});
