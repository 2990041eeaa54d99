/** @file Prompts as users write them (a text, fields, a conversation), and their token ids. */

import * as z from 'zod';
import type { Adapter } from '../attach/method.js';
import { usageFor } from '../attach/with-usage.js';
import { PromptuneError, UsageError } from '../errors.js';
import type { AdapterUsage } from '../formats/own-file.js';
import type { LanguageModel } from '../models/model.js';
import type { Fields } from '../records/record-formats.js';
import { say } from '../say.js';
import { chatFormatOf, type Message } from '../text/chat.js';
import { encodePrompt } from '../text/prompt-text.js';
import { promptTemplate } from '../text/template.js';
import { startText, type Tokenizer } from '../text/tokenizer.js';
import { callArgumentsFor } from '../text/tool-calls.js';
import type { RowOptions } from './options.js';

/**
 * A prompt: a text (with options as a TextPrompt), or a conversation to continue with an assistant's turn. An adapter
 * that notes how it is used has its own form of prompts (see AdapterUsage): a text then becomes a user's message, or
 * the field of its template.
 */
export type Prompt = string | TextPrompt | ChatPrompt;

export interface TextPrompt extends RowOptions {
  /** The text, or the fields of the adapter's template (a text is its only field). */
  readonly text: string | Fields;
  /**
   * Whether to add the model's begin-of-text token, if it has one. Use false for text written by a chat template, which
   * has its own. Default true.
   */
  readonly addSpecialTokens?: boolean;
  /** Uses the text as it is: not as a message, nor in a template without soft tokens. Default false. */
  readonly raw?: boolean;
  /** Name of the adapter to use, if the generator has several. Default: no adapter. */
  readonly adapter?: string;
}

/** A conversation, written by the model's chat template up to the start of the assistant's turn. */
export interface ChatPrompt extends RowOptions {
  readonly messages: readonly Message[];
  /** Tools that the assistant may call, in OpenAI's format. Default: none. */
  readonly tools?: readonly unknown[];
  /** How the assistant's turn begins, which is not repeated in what is generated. Default: ''. */
  readonly beginning?: string;
  /** See TextPrompt. */
  readonly adapter?: string;
}

const forOneRow = {
  adapter: z.string().optional(),
  signal: z.instanceof(AbortSignal).optional(),
  // Their values are checked with those of the request (`resolveRowOptions`).
  maxNewTokens: z.unknown().optional(),
  seed: z.unknown().optional(),
  stop: z.unknown().optional(),
};
const promptSchema = z.union([
  z.string(),
  z.strictObject({
    text: z.union([z.string(), z.record(z.string(), z.unknown())]),
    addSpecialTokens: z.boolean().optional(),
    raw: z.boolean().optional(),
    ...forOneRow,
  }),
  z.strictObject({
    messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
    tools: z.array(z.unknown()).optional(),
    beginning: z.string().optional(),
    ...forOneRow,
  }),
]);

/** @throws UsageError for an invalid prompt */
export function checkPrompts(prompts: readonly unknown[]): void {
  for (const [row, prompt] of prompts.entries())
    if (!promptSchema.safeParse(prompt).success)
      throw new UsageError(
        say`prompt ${row}: expected a text, { text } or { messages: [{ role, content }] } with
          options of one row, got ${shown(prompt)}`,
      );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The options that a prompt has of its own. */
export function rowOptionsOf(prompt: Prompt): RowOptions {
  if (typeof prompt === 'string') return {};
  const { maxNewTokens, seed, stop, signal } = prompt;
  return {
    ...(maxNewTokens !== undefined && { maxNewTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop && { stop }),
    ...(signal && { signal }),
  };
}

export const isConversation = (prompt: Prompt): prompt is ChatPrompt =>
  typeof prompt !== 'string' && 'messages' in prompt;

/** The prompt as the adapter uses it: a text for an adapter that answers conversations is a user's message. */
export function promptAsUsed(prompt: Prompt, usage: AdapterUsage | undefined): Prompt {
  if (!usage?.chat || isConversation(prompt)) return prompt;
  const given: TextPrompt = typeof prompt === 'string' ? { text: prompt } : prompt;
  const { text, addSpecialTokens = true, raw = !addSpecialTokens, ...rest } = given;
  if (raw || typeof text !== 'string') return prompt;
  return { messages: [{ role: 'user', content: text }], ...rest };
}

/** Writes conversations by the model's template, up to where the assistant's turn goes on. */
function chatWriter(tokenizer: Tokenizer): (prompt: ChatPrompt) => string {
  const { format } = chatFormatOf(tokenizer);
  const withArguments = callArgumentsFor(format, tokenizer);
  return ({ messages, tools, beginning = '' }) =>
    format(withArguments(messages), { addGenerationPrompt: true, tools }) + beginning;
}

/**
 * Creates a function from a prompt to its token ids, in the adapter's template if it has one. The function throws a
 * UsageError for fields that do not match, and for a conversation without a chat template; a PromptuneError for a text
 * so long that its beginning is too long already.
 */
export function promptEncoder(
  tokenizer: Tokenizer,
  model: LanguageModel,
): (prompt: Prompt, adapter?: Adapter) => number[] {
  const { encoder, config } = model;
  let chat: ((prompt: ChatPrompt) => string) | undefined;
  const encode: Tokenizer['encode'] = (text, options) => {
    refuseFarTooLong(tokenizer, text, config.maxPositions);
    return tokenizer.encode(text, options);
  };
  const asText = (prompt: Prompt): TextPrompt => {
    if (typeof prompt === 'string') return { text: prompt };
    if (!isConversation(prompt)) return prompt;
    chat ??= chatWriter(tokenizer);
    return { text: chat(prompt), addSpecialTokens: false };
  };
  return (prompt, adapter) => {
    const { text, addSpecialTokens = true, raw = !addSpecialTokens } = asText(prompt);
    const used = raw ? undefined : usageFor(model, adapter)?.promptTemplate;
    const template = adapter?.placement?.template ?? used;
    const placed = template === undefined ? undefined : promptTemplate(template);
    const begun = (ids: number[]) => (addSpecialTokens ? startText(tokenizer, ids) : ids);
    if (!placed) {
      // An encoder reads texts with the tokenizer's special tokens; a decoder continues the bare text.
      if (typeof text === 'string' && encoder) return encode(text, { addSpecialTokens: true });
      if (typeof text === 'string') return begun(encode(text));
      throw new UsageError(say`a prompt with fields requires an adapter with a template`);
    }
    const names = [...placed.fields];
    if (typeof text === 'string' && names.length !== 1) {
      const expected = names.length > 0 ? say`the fields ${names.join(', ')}` : say`no fields`;
      throw new UsageError(
        say`the adapter's template is ${JSON.stringify(template)}: expected a prompt with
          ${expected}`,
      );
    }
    const values = typeof text === 'string' ? { [names[0]!]: text } : text;
    const rendered = placed.render(values);
    if (encoder && typeof rendered === 'string') return encode(rendered, { addSpecialTokens: true });
    return begun(encodePrompt({ ...tokenizer, encode }, rendered, config.vocabSize));
  };
}

/**
 * Number of characters that are tokenized first, to check their length: tokenizing takes up to two seconds per million.
 */
const leastCounted = 100_000;

/** @throws PromptuneError if the beginning of a text has more tokens than the model has positions */
function refuseFarTooLong(tokenizer: Tokenizer, text: string, maxPositions: number): void {
  const counted = Math.max(leastCounted, 8 * maxPositions);
  if (text.length <= counted) return;
  const { length } = tokenizer.encode(text.slice(0, counted));
  if (length > maxPositions)
    throw new PromptuneError(
      say`the first ${counted} of the prompt's ${text.length} characters have ${length} tokens
        already, but the model has ${maxPositions} positions; shorten the prompt`,
      { code: 'too-long' },
    );
}
