/** @file Formats conversations by a model's chat template, and finds the assistant's turns. */
import { optionError, PromptuneError, UsageError } from '../errors.js';
import { say } from '../say.js';
import { type JinjaTemplate, parseJinja } from './jinja/jinja.js';
import type { Tokenizer } from './tokenizer.js';

export interface Message {
  /** `system`, `user` or `assistant`; a template may support others. */
  readonly role: string;
  /** Null if the turn only calls tools. */
  readonly content: string | null;
  /** Tool calls in OpenAI's format: `{ type: 'function', function: { name, arguments } }`. */
  readonly tool_calls?: readonly unknown[];
  /** 0 for an assistant's turn that is only context and not trained on. Default 1. */
  readonly weight?: 0 | 1;
}

/** Messages, and the tools that the assistant may call, in OpenAI's format. */
export interface Conversation {
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
}

export interface FormatOptions {
  /** Whether to end with the start of an assistant's turn. Default false. */
  readonly addGenerationPrompt?: boolean;
  readonly tools?: readonly unknown[];
}

/** A model's format of conversations. */
export interface ChatFormat {
  /** The conversation's text. */
  format(messages: readonly Message[], options?: FormatOptions): string;
  /** The token that ends an assistant's turn, if the template has one. */
  readonly endTokenId?: number;
}

/** A part of a conversation. The text of the parts, joined, is that of the whole. */
export interface ChatPart {
  readonly text: string;
  /** Whether it is an assistant's turn, including its end token. */
  readonly isAssistant: boolean;
}

/**
 * Renders conversations by the model's chat template.
 * @throws UsageError if the model has no chat template, or an invalid one
 */
export function chatFormatOf(tokenizer: Tokenizer): ChatFormat {
  const { chatTemplate, toolChatTemplate, specialTokens } = tokenizer;
  if (chatTemplate === undefined)
    throw optionError(
      'chat',
      say`this model has no chat template for conversations; use a model made for chat, or leave
        chat out`,
      { code: 'unsupported' },
    );
  const plain = parsedTemplate(chatTemplate);
  const withTools = toolChatTemplate === undefined ? plain : parsedTemplate(toolChatTemplate);
  const render = (messages: readonly Message[], { addGenerationPrompt = false, tools }: FormatOptions = {}) =>
    (tools ? withTools : plain).render({
      ...specialTokens,
      messages,
      tools: tools ?? null,
      documents: null,
      add_generation_prompt: addGenerationPrompt,
    });
  const noContent = contentOfCalls(render);
  const format: ChatFormat['format'] = (messages, options) => {
    const said = messages.map(({ weight: _, ...message }) => ({
      ...message,
      content: message.content ?? noContent,
    }));
    try {
      return render(said, options);
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new PromptuneError(say`the model's chat template refuses the conversation: ${reason}`, {
        cause,
        code: 'unsupported',
      });
    }
  };
  return { format, endTokenId: endTokenOf(tokenizer, format) };
}

function parsedTemplate(source: string): JinjaTemplate {
  try {
    return parseJinja(source);
  } catch (cause) {
    throw new UsageError(say`the model's chat template cannot be read: ${(cause as Error).message}`, {
      cause,
      code: 'unsupported',
    });
  }
}

/**
 * The content of a turn that only calls tools: null, as files and transformers have it, or the empty text for a
 * template that cannot write null, or would write the word None.
 */
function contentOfCalls(render: ChatFormat['format']): null | '' {
  const call = { type: 'function', function: { name: 'f', arguments: '{}' } };
  const written = (content: null | '') => {
    try {
      return render([
        { role: 'user', content: 'a' },
        { role: 'assistant', content, tool_calls: [call] },
      ]);
    } catch {
      return undefined;
    }
  };
  const text = written(null);
  return text === undefined || (text.includes('None') && !written('')?.includes('None')) ? '' : null;
}

/** The last special token of a turn, which tells a generator to stop. */
function endTokenOf(tokenizer: Tokenizer, format: ChatFormat['format']): number | undefined {
  const messages: Message[] = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ];
  let parts: ChatPart[];
  try {
    parts = chatParts(format, { messages });
  } catch {
    return undefined; // turns cannot be divided: what the model's files say ends them
  }
  return tokenizer.encode(parts.at(-1)!.text).findLast((id) => isSpecial(tokenizer, id));
}

const isSpecial = (tokenizer: Tokenizer, id: number) =>
  tokenizer.decode([id], { skipSpecialTokens: true }) === '' && tokenizer.decode([id]) !== '';

/** Whether it is an assistant's turn that the loss counts. */
export const isLearned = ({ role, weight }: Message): boolean => role === 'assistant' && weight !== 0;

/**
 * Divides a conversation at its assistant's turns that are learned: each begins where generation would, after the
 * template's own words.
 * @throws PromptuneError if a turn's text depends on those that follow, so that there is no such division
 */
export function chatParts(format: ChatFormat['format'], { messages, tools }: Conversation): ChatPart[] {
  const last = messages.findLastIndex(isLearned);
  const whole = format(messages.slice(0, last + 1), { tools }); // what comes after the last turn teaches nothing
  const parts: ChatPart[] = [];
  let at = 0;
  for (let i = 0; i <= last; i++) {
    if (!isLearned(messages[i]!)) continue;
    const before = format(messages.slice(0, i), { addGenerationPrompt: true, tools });
    const after = format(messages.slice(0, i + 1), { tools });
    if (!whole.startsWith(after) || !after.startsWith(before) || before.length < at) {
      const known = 'some templates leave out earlier thoughts';
      throw new PromptuneError(
        say`message ${i + 1}: the model's chat template formats this turn differently when others
          follow (${known}); use a separate record for each assistant turn`,
        { code: 'unsupported' },
      );
    }
    parts.push({ text: whole.slice(at, before.length), isAssistant: false });
    parts.push({ text: whole.slice(before.length, after.length), isAssistant: true });
    at = after.length;
  }
  return parts;
}

/** Token ids of a conversation, and which of them are an assistant's. */
export interface EncodedChat {
  readonly ids: readonly number[];
  readonly isTarget: readonly boolean[];
}

/**
 * Encodes the parts so that the ids up to each turn are those that generation starts from. A turn's last target is its
 * end token; the line break that many templates put after it is not learned.
 */
export function encodeChat(tokenizer: Tokenizer, parts: readonly ChatPart[]): EncodedChat {
  const ids: number[] = [];
  const isTarget: boolean[] = [];
  let text = '';
  for (const part of parts) {
    text += part.text;
    const whole = tokenizer.encode(text);
    const goesOn = ids.every((id, i) => whole[i] === id);
    const continues = ids.length > 0;
    const added = goesOn ? whole.slice(ids.length) : tokenizer.encode(part.text, { continues });
    const end = added.findLastIndex((id) => isSpecial(tokenizer, id));
    const isEnd = end >= 0 && tokenizer.decode(added.slice(end + 1)).trim() === '';
    const targets = isEnd ? end + 1 : added.length;
    for (const [i, id] of added.entries()) {
      ids.push(id);
      isTarget.push(part.isAssistant && i < targets);
    }
  }
  const length = isTarget.lastIndexOf(true) + 1;
  return { ids: ids.slice(0, length), isTarget: isTarget.slice(0, length) };
}
