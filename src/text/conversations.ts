/**
 * @file Conversations in a record, in the formats of common data sets: OpenAI's and Mistral's `messages`, ShareGPT's
 *   `conversations`, TRL's prompts and completions as lists of messages. All are converted to the messages of chat
 *   templates.
 */
import { isJsonObject, type JsonObject, kindOf } from '../formats/json.js';
import { jsonAdvice } from '../formats/json-text.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { type Conversation, isLearned, type Message } from './chat.js';
import { fieldNamed, structured } from './fields.js';
import { completionFieldOf } from './shapes.js';

/** Where a record contains its conversation. */
export interface ConversationForm {
  /** The fields that are read. */
  readonly fields: readonly string[];
  /** @throws an error that names the record and the fault */
  read(record: DataRecord): Conversation;
}

/**
 * The conversation in a record, in any format, with at least one assistant's turn to learn.
 * @throws an error that names the record and the fault
 */
export function conversationOf(record: DataRecord, form = conversationForm(record.fields)): Conversation {
  const { fields } = record;
  if (!form) {
    const [name] = listNames.flatMap((name) => fieldNamed(fields, name) ?? []);
    const found =
      name === undefined
        ? say`the fields are ${Object.keys(fields).join(', ')}`
        : `${JSON.stringify(name)} as ${kindOf(fields[name])}`;
    throw dataError(record, say`expected a list of messages in the field "messages", found ${found}`);
  }
  const conversation = form.read(record);
  if (conversation.messages.some(isLearned)) return conversation;
  const hasTurn = conversation.messages.some(({ role }) => role === 'assistant');
  const problem = hasTurn
    ? say`every turn of the assistant has the weight 0`
    : say`no message is of the role "assistant"`;
  throw dataError(record, say`${problem}, so there is nothing to train on`);
}

const listNames = ['messages', 'conversations', 'conversation'] as const;

/** The format of conversations in records like `first`, or undefined if they have none. */
export function conversationForm(first: Fields): ConversationForm | undefined {
  const lists = listNames.flatMap((name) => fieldNamed(first, name) ?? []);
  const name = lists.find((candidate) => isMessageList(first[candidate]) || Array.isArray(first[candidate]));
  if (name !== undefined) return withAnswer(first, name);
  return answerForm(first);
}

/** A list of messages; LLaMA-Factory's preferences have the answer to it beside it, as one message. */
function withAnswer(first: Fields, name: string): ConversationForm {
  const chosen = fieldNamed(first, 'chosen');
  if (chosen === undefined || !isJsonObject(structured(first[chosen])))
    return formOf(first, [name], (record) => messagesIn(record, name));
  return formOf(first, [name, chosen], (record) => {
    const answer = messagesIn(record, chosen);
    return [...messagesIn(record, name).map(asContext), ...answer];
  });
}

/**
 * TRL's prompts and completions, and its preferences, of which `chosen` is learned: lists of messages. One of them may
 * be a plain text, said by the user or the assistant.
 */
function answerForm(first: Fields): ConversationForm | undefined {
  const isList = (name: string | undefined) => name !== undefined && isMessageList(first[name]);
  const prompt = fieldNamed(first, 'prompt');
  const answer =
    ['chosen', 'completion'].map((name) => fieldNamed(first, name)).find(isList) ??
    (isList(prompt) ? completionFieldOf(first) : undefined);
  if (answer === undefined) return undefined;
  const isPrompted = isList(prompt);
  // A prompt text next to whole conversations, which begin with the user, is already in them.
  const isAsked =
    prompt !== undefined && typeof first[prompt] === 'string' && speakerIn(first[answer]) === 'assistant';
  const before = isPrompted || isAsked ? prompt : undefined;
  const rejected = fieldNamed(first, 'rejected');
  return formOf(first, before === undefined ? [answer] : [before, answer], (record) => {
    const learned = messagesIn(record, answer, 'assistant');
    if (before !== undefined) return [...messagesIn(record, before, 'user').map(asContext), ...learned];
    const isChosen = answer.trim().toLowerCase() === 'chosen';
    const worse = isChosen && rejected !== undefined ? messagesIn(record, rejected) : [];
    const isShared = learned.map((message, i) => JSON.stringify(message) === JSON.stringify(worse[i]));
    const differs = isShared.indexOf(false); // the shared beginning is the prompt
    return learned.map((message, i) => (i < differs ? asContext(message) : message));
  });
}

/** The role of the first message in a list. */
function speakerIn(value: unknown): string | undefined {
  const list = structured(value);
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const speaker = isJsonObject(first) ? (first.role ?? first.from) : undefined;
  return typeof speaker === 'string' ? (roles[speaker] ?? speaker) : undefined;
}

const asContext = (message: Message): Message => ({ ...message, weight: 0 });

const systemNames = ['system', 'system_prompt'] as const;
const toolNames = ['tools', 'functions'] as const;

/** The format with what may accompany the messages: a system prompt, and the tools that the assistant may call. */
function formOf(
  first: Fields,
  names: readonly string[],
  messagesOf: (record: DataRecord) => Message[],
): ConversationForm {
  const beside = (known: readonly string[]) => known.flatMap((name) => fieldNamed(first, name) ?? []);
  const [system] = beside(systemNames);
  const [tools] = beside(toolNames);
  return {
    fields: [...names, ...[system, tools].filter((name) => name !== undefined)],
    read(record) {
      const messages = withSystem(record, system, messagesOf(record));
      const given = tools === undefined ? undefined : toolsIn(record, tools);
      return given ? { messages, tools: given } : { messages };
    },
  };
}

function withSystem(record: DataRecord, name: string | undefined, messages: Message[]): Message[] {
  const content = name === undefined ? undefined : record.fields[name];
  if (content == null || content === '') return messages;
  if (typeof content !== 'string')
    throw dataError(record, say`the field ${JSON.stringify(name)} is ${kindOf(content)}, expected a text`);
  const [first] = messages;
  if (first?.role !== 'system') return [{ role: 'system', content }, ...messages];
  if (first.content === content) return messages;
  throw dataError(
    record,
    say`the field ${JSON.stringify(name)} and the first message are two system messages; remove one`,
  );
}

/** Tools in OpenAI's format; each of the older `functions` becomes the function of a tool. */
function toolsIn(record: DataRecord, name: string): unknown[] | undefined {
  const value = structured(record.fields[name]);
  if (value == null || value === '' || (Array.isArray(value) && value.length === 0)) return undefined;
  if (!Array.isArray(value))
    throw dataError(
      record,
      say`the field ${JSON.stringify(name)} is ${kindOf(value)}, expected a list of tools`,
    );
  const isOld = name.trim().toLowerCase() === 'functions';
  return isOld ? value.map((tool: unknown) => ({ type: 'function', function: tool })) : value;
}

function isMessageList(value: unknown): boolean {
  const list = structured(value);
  const isPython = typeof list === 'string' && /^\s*\[\s*\{\s*'/.test(list); // refused by name when it is parsed
  return isPython || (Array.isArray(list) && list.length > 0 && list.every(isJsonObject));
}

/** @param speaker the role of a plain text instead of a list of messages; by default it is refused */
function messagesIn(record: DataRecord, name: string, speaker?: string): Message[] {
  const value = record.fields[name];
  const given = structured(value);
  if (speaker !== undefined && typeof given === 'string') return [{ role: speaker, content: given }];
  const list = isJsonObject(given) ? [given] : given;
  if (!Array.isArray(list)) {
    const found =
      typeof value === 'string'
        ? say`a string that is not JSON: ${jsonAdvice(value) ?? 'expected a list'}`
        : kindOf(value);
    throw dataError(
      record,
      say`expected a list of messages in the field ${JSON.stringify(name)}, found ${found}`,
    );
  }
  return list.map((message: unknown, i) => {
    const problem = (what: string) => dataError(record, say`message ${i + 1} ${what}`);
    if (!isJsonObject(message)) throw problem(say`is not of the shape ${shape}, with texts for both`);
    return messageOf(message, problem);
  });
}

const shape = '{"role": "user", "content": "…"}';

/** Roles under the names of ShareGPT and others. */
const roles: Readonly<Record<string, string>> = {
  human: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  bot: 'assistant',
  observation: 'tool',
  function_response: 'tool',
  function: 'tool',
  function_call: 'assistant', // its text is the call
};

function messageOf(given: JsonObject, problem: (what: string) => Error): Message {
  const { role, from, content, value, text, weight, train, training, function_call, ...rest } = given;
  const speaker = role ?? from;
  if (typeof speaker !== 'string') throw problem(say`is not of the shape ${shape}, with texts for both`);
  const name = speaker.trim().toLowerCase();
  const said = content ?? value ?? (from === undefined && 'content' in given ? undefined : text);
  const calls = callsOf(name, said, rest.tool_calls, function_call, problem);
  const isCall = name === 'function_call';
  return {
    ...rest,
    role: roles[name] ?? (knownRoles.has(name) ? name : speaker),
    content: isCall ? null : contentOf(said, calls !== undefined, problem),
    ...(calls && { tool_calls: calls }),
    ...weightOf({ weight, train: train ?? training }, problem),
  };
}

const knownRoles = new Set(['system', 'user', 'assistant', 'tool', 'developer']);

/**
 * Tool calls in OpenAI's format; the older `function_call`, and ShareGPT's `{"name": …, "arguments": …}` as a turn's
 * text, are converted.
 */
function callsOf(
  role: string,
  said: unknown,
  calls: unknown,
  oldCall: unknown,
  problem: (what: string) => Error,
): unknown[] | undefined {
  const inText = role === 'function_call' ? structured(said) : undefined;
  const found = inText ?? oldCall;
  if (found == null) {
    if (calls == null || (Array.isArray(calls) && calls.length === 0)) return undefined;
    if (Array.isArray(calls)) return calls;
    throw problem(say`has ${kindOf(calls)} as tool_calls, expected a list`);
  }
  return [found].flat().map((call: unknown) => {
    if (isJsonObject(call) && typeof call.name === 'string') return { type: 'function', function: call };
    throw problem(say`calls no function; expected {"name": "…", "arguments": {…}}`);
  });
}

/** The text, or the joined texts of a list of parts. A turn that only calls a function has none. */
function contentOf(content: unknown, hasCalls: boolean, problem: (what: string) => Error): string | null {
  if (typeof content === 'string') return content;
  if (content == null && hasCalls) return null;
  if (!Array.isArray(content)) throw problem(say`is not of the shape ${shape}, with texts for both`);
  const texts = content.map((part: unknown) => {
    if (typeof part === 'string') return part;
    const { type, text } = isJsonObject(part) ? part : { type: undefined, text: undefined };
    if (
      (type === undefined || type === 'text' || type === 'input_text' || type === 'output_text') &&
      typeof text === 'string'
    )
      return text;
    throw problem(
      say`has a part of the type ${JSON.stringify(type ?? kindOf(part))}; only text parts are
        supported`,
    );
  });
  return texts.join('');
}

/** OpenAI's and Mistral's `weight`, and the `train` of others: a turn of weight 0 is context and not learned. */
function weightOf(
  { weight, train }: { weight: unknown; train: unknown },
  problem: (what: string) => Error,
): { weight?: 0 | 1 } {
  const value = weight ?? train;
  if (value == null) return {};
  const number = Number(value);
  if (number === 0 || number === 1) return { weight: number };
  throw problem(
    say`has the weight ${JSON.stringify(value)}; expected 1, or 0 for a turn that is not trained on`,
  );
}
