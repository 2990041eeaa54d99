/**
 * @file Calls of tools in an assistant's text. How a model writes them is found out from its chat template, which
 *   writes a known call: Hermes' and Qwen's `<tool_call>`, Mistral's `[TOOL_CALLS]`, Llama's bare JSON, and all others
 *   that are JSON with a name and arguments.
 */
import { isJsonObject } from '../formats/json.js';
import type { ChatFormat, Message } from './chat.js';
import { structured } from './fields.js';
import { endOfJson, membersOf, objectsOf } from './json-span.js';
import type { Tokenizer } from './tokenizer.js';

/** A tool that may be called, in OpenAI's format. */
export interface Tool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    /** A JSON Schema. Default: there are none. */
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
}

export interface ToolCall {
  readonly name: string;
  /** A JSON text. */
  readonly arguments: string;
}

/** How a template writes calls. */
export interface ToolCallFormat {
  /** What an assistant's turn has before its first call, such as `<tool_call>\n`. */
  readonly before: string;
  /** What announces a call in a text, such as `<tool_call>`; '' if a call can only begin the text. */
  readonly marker: string;
  /** What stands behind a call, such as `</tool_call>`. */
  readonly after: string;
  /** The members of a call in their order: `name`, and `arguments` or `parameters`. */
  readonly keys: readonly string[];
  readonly argumentsKey: string;
  /** Whether the calls of a turn are a list. */
  readonly isList: boolean;
  /** Whether the template takes arguments as a JSON text instead of an object. */
  readonly takesText: boolean;
}

const probe = { name: 'probe_name', key: 'probe_key', value: 'probe value' };
const probeTool: Tool = {
  type: 'function',
  function: {
    name: probe.name,
    description: 'none',
    parameters: { type: 'object', properties: { [probe.key]: { type: 'string', description: 'none' } } },
  },
};
const user: Message = { role: 'user', content: 'a' };

/** Whether the template shows tools to the model. */
export function showsTools(format: ChatFormat['format']): boolean {
  const text = unlessRefused(() => format([user], { tools: [probeTool] }));
  return text !== undefined && text !== unlessRefused(() => format([user]));
}

/** Undefined if the template writes no calls, or writes them as something else than JSON. */
export function toolCallFormatOf(
  format: ChatFormat['format'],
  tokenizer: Tokenizer,
): ToolCallFormat | undefined {
  const tools = [probeTool];
  const begin = unlessRefused(() => format([user], { tools, addGenerationPrompt: true }));
  if (begin === undefined) return undefined;
  for (const takesText of [false, true]) {
    const values = { [probe.key]: probe.value };
    const called = { name: probe.name, arguments: takesText ? JSON.stringify(values) : values };
    const call = { id: newCallId(), type: 'function', function: called };
    const turn: Message = { role: 'assistant', content: null, tool_calls: [call] };
    const text = unlessRefused(() => format([user, turn], { tools })) ?? '';
    // Some templates write the last user's message differently: then a turn begins where turns differ.
    const said = unlessRefused(() => format([user, { role: 'assistant', content: probe.value }], { tools }));
    const from = text.startsWith(begin) ? begin.length : commonLength(text, said ?? '');
    const found = formatIn(text.slice(from));
    if (!found) continue;
    // Answers are decoded without special tokens.
    const seen = (word = '') =>
      word !== '' && tokenizer.decode(tokenizer.encode(word), { skipSpecialTokens: true }) !== '' ? word : '';
    const marker = seen(found.before.trim().split(/\s+/).at(-1));
    return { ...found, marker, after: seen(found.after), takesText };
  }
  return undefined;
}

/**
 * Messages as a template takes them. OpenAI's files have the arguments of calls as JSON text; a template that writes
 * them as JSON would write that text as a string in quotes, which nobody reads as arguments. transformers gives it the
 * text.
 */
export function callArgumentsFor(
  format: ChatFormat['format'],
  tokenizer: Tokenizer,
): (messages: readonly Message[]) => readonly Message[] {
  let takesText: boolean | undefined;
  return (messages) => {
    if (!messages.some(({ tool_calls }) => tool_calls?.some(hasText))) return messages;
    takesText ??= toolCallFormatOf(format, tokenizer)?.takesText ?? true;
    if (takesText) return messages;
    return messages.map((message) =>
      message.tool_calls ? { ...message, tool_calls: message.tool_calls.map(withValues) } : message,
    );
  };
}

const hasText = (call: unknown): boolean =>
  isJsonObject(call) && isJsonObject(call.function) && typeof call.function.arguments === 'string';

function withValues(call: unknown): unknown {
  if (!isJsonObject(call) || !isJsonObject(call.function)) return call;
  const values = structured(call.function.arguments);
  return isJsonObject(values) ? { ...call, function: { ...call.function, arguments: values } } : call;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function unlessRefused(format: () => string): string | undefined {
  try {
    return format();
  } catch {
    return undefined;
  }
}

/** The format of the call in a turn, which is the outermost JSON with its name and arguments. */
function formatIn(turn: string): Omit<ToolCallFormat, 'marker' | 'takesText'> | undefined {
  const nameAt = turn.indexOf(probe.name);
  for (const { index } of turn.matchAll(/[[{]/g)) {
    if (index > nameAt) break;
    const end = endOfJson(turn, index);
    const json = end === undefined ? undefined : parsed(turn.slice(index, end));
    const isList = Array.isArray(json);
    const members = Object.entries((isList ? json[0] : json) ?? {});
    const keys = members.flatMap(([key, value]) => (isProbed(key, value) ? key : []));
    const argumentsKey = keys.find((key) => key !== 'name');
    if (keys.length !== 2 || argumentsKey === undefined) continue;
    const [after = ''] = /^<[^>]+>/.exec(turn.slice(end).trimStart()) ?? [];
    return { before: turn.slice(0, index), after, keys, argumentsKey, isList };
  }
  return undefined;
}

const isProbed = (key: string, value: unknown): boolean =>
  key === 'name'
    ? value === probe.name
    : JSON.stringify(value) === JSON.stringify({ [probe.key]: probe.value });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Nine letters and digits: Mistral's templates refuse others. */
export function newCallId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 9 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}

/** A part of an answer: text that is no call, and calls that are complete with it. */
export interface AnswerPart {
  readonly content: string;
  readonly calls: readonly ToolCall[];
}

const nothing: AnswerPart = { content: '', calls: [] };

/** What text that is held back is: a text, a call from its marker on, or what stands behind a call. */
type Place = 'text' | 'call' | 'behind';

/** Divides an answer, piece by piece, into text and calls. What may yet become a call is held back. */
export class ToolCallReader {
  readonly #marker: string;
  readonly #after: string;
  readonly #names: ReadonlySet<string>;
  #held = '';
  #place: Place;
  #hasCalled = false;

  /**
   * @param names tools that may be called; calls of others are text
   * @param isForced whether the answer begins with the JSON of a call
   */
  constructor({ marker, after }: ToolCallFormat, names: Iterable<string>, isForced = false) {
    this.#marker = isForced ? '' : marker;
    this.#after = after;
    this.#names = new Set(names);
    this.#place = this.#marker === '' ? 'call' : 'text';
  }

  push(text: string): AnswerPart {
    this.#held += text;
    const parts: AnswerPart[] = [];
    for (let place: Place | undefined; place !== this.#place; ) {
      place = this.#place;
      if (place === 'text') parts.push({ content: this.#takeText(), calls: [] });
      else if (place === 'call') parts.push(this.#takeCalls());
      else this.#takeEnd();
    }
    return {
      content: parts.map(({ content }) => content).join(''),
      calls: parts.flatMap(({ calls }) => calls),
    };
  }

  /** What is held back, once nothing follows. */
  end(): AnswerPart {
    const isNothing = this.#place === 'behind' || (this.#hasCalled && this.#held.trim() === '');
    const content = isNothing ? '' : this.#held;
    this.#held = '';
    return { content, calls: [] };
  }

  /** Text up to the next marker, without the spaces before it. */
  #takeText(): string {
    const marker = this.#marker;
    const at = marker === '' ? -1 : this.#held.indexOf(marker);
    const isCall = at >= 0;
    if (isCall) this.#place = 'call';
    const before = this.#held.slice(0, isCall ? at : this.#held.length - beginningAtEnd(this.#held, marker));
    const text = marker === '' ? before : before.trimEnd();
    this.#held = this.#held.slice(isCall ? at : text.length);
    return text;
  }

  #takeCalls(): AnswerPart {
    const from = this.#held.slice(this.#marker.length).search(/\S/) + this.#marker.length;
    if (from < this.#marker.length) return nothing;
    const end = '[{'.includes(this.#held[from]!) ? endOfJson(this.#held, from) : from;
    if (end === undefined) return nothing;
    const calls = callsIn(this.#held.slice(from, end), this.#names);
    if (calls.length === 0) {
      this.#held = this.#held.slice(this.#marker.length);
      this.#place = 'text';
      return { content: this.#marker, calls };
    }
    this.#held = this.#held.slice(end);
    this.#place = 'behind';
    this.#hasCalled = true;
    return { content: '', calls };
  }

  #takeEnd(): void {
    const rest = this.#held.trimStart();
    if (rest === '' || (rest.length < this.#after.length && this.#after.startsWith(rest))) return;
    const isAnother = this.#marker === '' && rest.startsWith(';'); // as Llama separates calls
    this.#place = isAnother ? 'call' : 'text';
    this.#held = isAnother
      ? rest.slice(1)
      : rest.startsWith(this.#after)
        ? rest.slice(this.#after.length)
        : rest;
  }
}

/** The calls in a JSON text; none if it is something else. */
function callsIn(text: string, names: ReadonlySet<string>): ToolCall[] {
  const json = parsed(text);
  const items = Array.isArray(json) ? json : [json];
  if (!items.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))) return [];
  const texts = Array.isArray(json) ? objectsOf(text) : [text];
  const calls = texts.flatMap((each) => callIn(membersOf(each), names) ?? []);
  return calls.length === texts.length ? calls : [];
}

function callIn(members: ReadonlyMap<string, string>, names: ReadonlySet<string>): ToolCall | undefined {
  const name = parsed(members.get('name') ?? '');
  const given = members.get('arguments') ?? members.get('parameters') ?? '{}';
  const text = given.startsWith('"') ? (parsed(given) as string) : given; // some models write a text with JSON
  const values = parsed(text);
  const isCall = typeof name === 'string' && names.has(name) && typeof values === 'object';
  return isCall ? { name, arguments: values === null ? '{}' : text } : undefined;
}

/** Length of the longest end of a text with which a marker begins. */
function beginningAtEnd(text: string, marker: string): number {
  for (let length = Math.min(marker.length - 1, text.length); length > 0; length--)
    if (marker.startsWith(text.slice(-length))) return length;
  return 0;
}
