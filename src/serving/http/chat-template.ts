/** @file The chat template of the served model, and how it writes tools and their calls. */
import { say } from '../../say.js';
import { type ChatFormat, chatFormatOf, type Message } from '../../text/chat.js';
import type { Tokenizer } from '../../text/tokenizer.js';
import { showsTools, type ToolCallFormat, toolCallFormatOf } from '../../text/tool-calls.js';
import { ApiError } from './errors.js';
import { fieldError } from './request-body.js';
import type { MessageBody } from './schemas.js';

export interface ChatTemplate {
  readonly format: ChatFormat['format'];
  readonly showsTools: boolean;
  /** Undefined if the template writes no calls that could be read. */
  readonly calls?: ToolCallFormat;
}

const known = new WeakMap<Tokenizer, ChatTemplate>();

/** @throws ApiError if the model has none */
export function chatTemplateOf(tokenizer: Tokenizer): ChatTemplate {
  const found = known.get(tokenizer);
  if (found) return found;
  if (tokenizer.chatTemplate === undefined)
    throw new ApiError(
      400,
      say`this model has no chat template, and reads no conversations; use /v1/completions`,
      { param: 'messages' },
    );
  const { format } = chatFormatOf(tokenizer);
  const calls = toolCallFormatOf(format, tokenizer);
  const template = { format, showsTools: showsTools(format), ...(calls && { calls }) };
  known.set(tokenizer, template);
  return template;
}

/**
 * Messages as the template takes them. Newer clients send `developer` messages instead of `system` messages.
 * @throws ApiError for arguments of a call that are no JSON object
 */
export function messagesOf(messages: readonly MessageBody[], { calls }: ChatTemplate): Message[] {
  /** By id: some templates want a result to name its tool, as clients do not. */
  const names = new Map<string, string>();
  return messages.map(({ role, content, tool_calls: called, ...rest }, i) => {
    const name = rest.name ?? (role === 'tool' ? names.get(rest.tool_call_id ?? '') : undefined);
    const given = Object.entries({ ...rest, name }).filter(
      ([, value]) => value !== undefined && value !== null,
    );
    for (const { id, function: tool } of called ?? []) if (id) names.set(id, tool.name);
    const toolCalls = called?.map((call, j) => {
      const place = `messages.${i}.tool_calls.${j}.function.arguments`;
      const values = argumentsOf(call.function.arguments ?? '{}', calls?.takesText ?? false, place);
      return { ...call, type: 'function', function: { ...call.function, arguments: values } };
    });
    return {
      role: role === 'developer' ? 'system' : role,
      content: Array.isArray(content) ? content.map(({ text }) => text).join('') : (content ?? null),
      ...(toolCalls?.length && { tool_calls: toolCalls }),
      ...Object.fromEntries(given),
    };
  });
}

function argumentsOf(given: string | object, takesText: boolean, place: string): string | object {
  if (typeof given === 'object') return takesText ? JSON.stringify(given) : given;
  let values: unknown;
  try {
    values = JSON.parse(given);
  } catch {}
  if (typeof values !== 'object' || values === null || Array.isArray(values))
    throw fieldError(place, say`expected the JSON text of an object`);
  return takesText ? given : values;
}
