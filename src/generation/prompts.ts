/** @file What is to be continued, as people give it (a text, fields, a conversation), and its token ids. */
import type { Adapter } from '../attach/method.js';
import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { type ChatFormat, chatFormatOf, type Message } from '../text/chat.js';
import { encodePrompt } from '../text/prompt-text.js';
import { promptTemplate } from '../text/template.js';
import { startText, type Tokenizer } from '../text/tokenizer.js';

/**
 * What is to be continued: a text, with the choices of a TextPrompt, or a conversation that an assistant's turn
 * follows.
 */
export type Prompt = string | TextPrompt | ChatPrompt;

export interface TextPrompt {
  /** The text, or the fields of the template that an adapter's soft tokens stand in (a text is its only field). */
  readonly text: string | Readonly<Record<string, string>>;
  /**
   * Whether the text begins with the model's begin-of-text token, where it has one. False for what a chat template has
   * written, which is a whole by itself. Default: true.
   */
  readonly addSpecialTokens?: boolean;
  /** The name of the adapter that it uses, where the generator has several. Default: none of them. */
  readonly adapter?: string;
}

/** Written by the model's chat template, up to where the assistant's turn begins. */
export interface ChatPrompt {
  readonly messages: readonly Message[];
  /** As a TextPrompt's. */
  readonly adapter?: string;
}

export const isConversation = (prompt: Prompt): prompt is ChatPrompt =>
  typeof prompt !== 'string' && 'messages' in prompt;

/**
 * From a prompt to token ids: in the template of the adapter's soft tokens, if it has one.
 * The function throws a UsageError for fields that do not fit, and for a conversation without a chat template.
 */
export function promptEncoder(
  tokenizer: Tokenizer,
  { encoder, config }: LanguageModel,
): (prompt: Prompt, adapter?: Adapter) => number[] {
  let chat: ChatFormat | undefined;
  const asText = (prompt: Prompt): TextPrompt => {
    if (typeof prompt === 'string') return { text: prompt };
    if (!isConversation(prompt)) return prompt;
    chat ??= chatFormatOf(tokenizer);
    const text = chat.format(prompt.messages, { addGenerationPrompt: true });
    return { text, addSpecialTokens: false };
  };
  return (prompt, adapter) => {
    const placed = adapter?.placement && promptTemplate(adapter.placement.template);
    const { text, addSpecialTokens = true } = asText(prompt);
    const begun = (ids: number[]) => (addSpecialTokens ? startText(tokenizer, ids) : ids);
    if (!placed) {
      // An encoder reads texts with the tokens that the tokenizer puts around them; a decoder goes on from the text
      // itself.
      if (typeof text === 'string' && encoder) return tokenizer.encode(text, { addSpecialTokens: true });
      if (typeof text === 'string') return begun(tokenizer.encode(text));
      throw new UsageError('a prompt with fields needs an adapter whose soft tokens stand in a template');
    }
    const names = [...placed.fields];
    if (typeof text === 'string' && names.length !== 1)
      throw new UsageError(
        `the soft tokens stand in ${JSON.stringify(adapter?.placement?.template)}: give a prompt's ${names.join(', ') || 'no'} fields by name`,
      );
    const values = typeof text === 'string' ? { [names[0]!]: text } : text;
    return begun(encodePrompt(tokenizer, placed.render(values), config.vocabSize));
  };
}
