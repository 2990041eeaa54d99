/** @file Conversations as a model's chat template writes them, and the assistant's turns in them. */
import { PromptuneError, UsageError } from '../errors.js';
import { isJsonObject, kindOf } from '../formats/json.js';
import { dataError, type Origin } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import { type JinjaTemplate, parseJinja } from './jinja.js';
import type { Tokenizer } from './tokenizer.js';

export interface Message {
  /** `system`, `user` or `assistant`; a template may know others. */
  readonly role: string;
  readonly content: string;
}

/** A model's way to write conversations. */
export interface ChatFormat {
  /** The conversation's text. `addGenerationPrompt` (default false) ends it with what comes before an assistant's turn. */
  format(messages: readonly Message[], options?: { addGenerationPrompt?: boolean }): string;
  /** The token that ends an assistant's turn, where the template has one. */
  readonly endTokenId?: number;
}

/** A part of a conversation. The text of the parts, joined, is that of the whole. */
export interface ChatPart {
  readonly text: string;
  /** Whether it is what an assistant says, the end of the turn included. */
  readonly isAssistant: boolean;
}

/** @throws UsageError where the model has no chat template, or one that cannot be read */
export function chatFormatOf(tokenizer: Tokenizer): ChatFormat {
  const { chatTemplate, specialTokens } = tokenizer;
  if (chatTemplate === undefined)
    throw new UsageError('this model has no chat template, so it is none for chat; leave out --chat');
  let template: JinjaTemplate;
  try {
    template = parseJinja(chatTemplate);
  } catch (cause) {
    throw new UsageError(`the model's chat template cannot be read: ${(cause as Error).message}`, { cause });
  }
  const format: ChatFormat['format'] = (messages, { addGenerationPrompt = false } = {}) => {
    try {
      return template.render({
        ...specialTokens,
        messages,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new PromptuneError(`the model's chat template refuses the conversation: ${reason}`, { cause });
    }
  };
  return { format, endTokenId: endTokenOf(tokenizer, format) };
}

/** What ends an answer in a conversation: the end of a turn, and that of a text. */
export function answerEnds({ eosTokenId }: Tokenizer, { endTokenId }: ChatFormat): number[] {
  return [...new Set([eosTokenId, endTokenId])].filter((id) => id !== undefined);
}

/** The last special token of a turn, which tells a generator to stop. */
function endTokenOf(tokenizer: Tokenizer, format: ChatFormat['format']): number | undefined {
  const parts = chatParts(format, [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ]);
  return tokenizer.encode(parts.at(-1)!.text).findLast((id) => isSpecial(tokenizer, id));
}

const isSpecial = (tokenizer: Tokenizer, id: number) =>
  tokenizer.decode([id], { skipSpecialTokens: true }) === '' && tokenizer.decode([id]) !== '';

/**
 * Divides a conversation at its assistant's turns: each begins where generation would, after the template's own words.
 * @throws PromptuneError where a turn's text depends on those that follow, so that there is no such division
 */
export function chatParts(format: ChatFormat['format'], messages: readonly Message[]): ChatPart[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const whole = format(messages.slice(0, last + 1)); // what comes after the last turn teaches nothing
  const parts: ChatPart[] = [];
  let at = 0;
  for (let i = 0; i <= last; i++) {
    if (messages[i]!.role !== 'assistant') continue;
    const before = format(messages.slice(0, i), { addGenerationPrompt: true });
    const after = format(messages.slice(0, i + 1));
    if (!whole.startsWith(after) || !after.startsWith(before) || before.length < at) {
      const known = 'some templates leave out earlier thoughts';
      throw new PromptuneError(
        `message ${i + 1}: the model's chat template writes this turn otherwise when others follow (${known}); ` +
          'make a record of its own of each assistant turn',
      );
    }
    parts.push({ text: whole.slice(at, before.length), isAssistant: false });
    parts.push({ text: whole.slice(before.length, after.length), isAssistant: true });
    at = after.length;
  }
  return parts;
}

/** Token ids of a conversation and which of them are an assistant's. */
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
    const added = goesOn ? whole.slice(ids.length) : tokenizer.encode(part.text);
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

/** Who speaks, in ShareGPT's words. */
const shareGptRoles: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  system: 'system',
};

/** A turn of ShareGPT's, `{"from": "human", "value": "…"}`, as a message; anything else as it is. */
function fromShareGpt(turn: unknown): unknown {
  if (!isJsonObject(turn) || typeof turn.from !== 'string' || 'role' in turn) return turn;
  return { role: shareGptRoles[turn.from] ?? turn.from, content: turn.value };
}

/**
 * The conversation in a record's field `messages`: `[{"role": "user", "content": "…"}, …]`, with an assistant's turn in it; or
 * in ShareGPT's field `conversations`: `[{"from": "human", "value": "…"}, …]`.
 * @throws an error that names the record and what is wrong
 */
export function messagesOf({ fields, ...origin }: Origin & { readonly fields: Fields }): Message[] {
  const messages =
    fields.messages ?? (fields.conversations as readonly unknown[] | undefined)?.map?.(fromShareGpt);
  if (!Array.isArray(messages)) {
    const found =
      messages === undefined ? `the fields are ${Object.keys(fields).join(', ')}` : kindOf(messages);
    throw dataError(origin, `expected a list of messages in the field "messages", found ${found}`);
  }
  const checked = messages.map((message: unknown, i): Message => {
    if (!isJsonObject(message) || typeof message.role !== 'string' || typeof message.content !== 'string') {
      const shape = '{"role": "user", "content": "…"}';
      throw dataError(origin, `message ${i + 1} is not of the shape ${shape}, with texts for both`);
    }
    return { ...message, role: message.role, content: message.content };
  });
  if (checked.some(({ role }) => role === 'assistant')) return checked;
  throw dataError(origin, 'no message is of the role "assistant", so there is nothing to learn');
}
