/** @file Examples to evaluate, read from data: prompts to continue or to choose a label for, and reference answers. */

import { optionError } from '../errors.js';
import { type Data, openData } from '../records/data.js';
import { dataError, type Origin } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import type { ReadOptions } from '../records/text-encoding.js';
import { say } from '../say.js';
import { type Conversation, chatFormatOf, chatParts, isLearned, type Message } from '../text/chat.js';
import { conversationForm, conversationOf } from '../text/conversations.js';
import { unusedFields } from '../text/dataset.js';
import { fieldText, scalarText } from '../text/fields.js';
import { textFields } from '../text/labeled.js';
import type { PromptPart, PromptText } from '../text/prompt-text.js';
import {
  labelReadingOf,
  layoutLanguageOf,
  promptFor,
  readingOf,
  type TemplateOptions,
  textFor,
} from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { callArgumentsFor } from '../text/tool-calls.js';

export interface EvaluationExample {
  readonly origin: Origin;
  readonly prompt: PromptText;
  /** The conversation that the prompt is, before the answer. */
  readonly messages?: readonly Message[];
  /** The right answers, without surrounding spaces. */
  readonly references: readonly string[];
  /** The completion exactly as in the data, if known. */
  readonly completion?: string;
  /** With a verbalizer and labels: the completion with each word of each of the labels. */
  readonly alternatives?: readonly (readonly string[])[];
}

export interface ExampleOptions extends TemplateOptions, ReadOptions {
  tokenizer: Tokenizer;
  /** Whether records are conversations, whose last assistant turn is the answer. Default false. */
  chat?: boolean;
  /** The field with the right answer, or a list of right answers. Default: the completion. */
  referenceField?: string;
  /**
   * Labels to choose from. The right answer of each record must be one of them. With a verbalizer it has them all, and
   * their words are chosen from.
   */
  labels?: readonly string[];
  /** The field of the label, for an adapter with a head, or a verbalizer. */
  labelField?: string;
}

/** The examples of a data set, and what of its records is read past, for people. */
export interface EvaluationExamples {
  readonly examples: readonly EvaluationExample[];
  readonly notes: readonly string[];
}

/**
 * Reads all examples of a data set.
 * @throws an error that names the record, for a missing prompt or answer, or a label that is not among `labels`
 */
export async function readExamples(data: Data, options: ExampleOptions): Promise<EvaluationExamples> {
  const examples: EvaluationExample[] = [];
  const records = await openData(data, options);
  try {
    const layoutLanguage = await layoutLanguageOf(records, options);
    const { exampleOf, fields } = exampleReader(await records.get(0), { ...options, layoutLanguage });
    const unread = unusedFields(fields);
    for await (const record of records) {
      unread.see(record.fields);
      const example = exampleOf(record);
      checkReferences(example, options.labels);
      examples.push(example);
    }
    return { examples, notes: unread.notes() };
  } finally {
    await records.close();
  }
}

interface ExampleReader {
  readonly exampleOf: (record: DataRecord) => EvaluationExample;
  /** The fields that are read. */
  readonly fields: ReadonlySet<string>;
}

function exampleReader(first: DataRecord, options: ExampleOptions): ExampleReader {
  const { template, referenceField, labelField, labels, chat, verbalizer } = options;
  if (chat) return chatReader(first, options);
  if (labels && verbalizer) return wordReader(first, { ...options, labels, verbalizer });
  if (labelField !== undefined && !verbalizer) {
    const { render: textOf, fields } = textFor(first, template, textFields);
    const exampleOf = (record: DataRecord) => ({
      origin: record,
      prompt: textOf(record),
      references: [fieldText(record, labelField)],
    });
    return { exampleOf, fields: new Set([...fields, labelField]) };
  }
  if (referenceField !== undefined) {
    if (labels) throw withoutReference();
    const { render: promptOf, fields } = promptFor(first, options);
    const exampleOf = (record: DataRecord) => ({
      origin: record,
      prompt: promptOf(record),
      references: referencesIn(record, referenceField),
    });
    return { exampleOf, fields: new Set([...fields, referenceField]) };
  }
  const { textOf, fields } = readingOf(first, options);
  const exampleOf = (record: DataRecord) => {
    const { prompt, completion } = textOf(record);
    if (prompt === undefined)
      throw dataError(
        record,
        say`the record is one text without a separate prompt; set a template for the prompt and a
          completion template for the answer`,
      );
    return { origin: record, prompt, references: [completion.trim()], completion };
  };
  return { exampleOf, fields };
}

/** Reads labels, and completions with the words that stand for each. */
function wordReader(
  first: DataRecord,
  options: ExampleOptions & Required<Pick<ExampleOptions, 'labels' | 'verbalizer'>>,
): ExampleReader {
  if (options.referenceField !== undefined) throw withoutReference();
  const { textWith, words, fields } = labelReadingOf(first, options);
  const exampleOf = (record: DataRecord): EvaluationExample => {
    const textsOf = (label: string) => words.wordsOf(label).map((word) => textWith(record, word));
    const texts = options.labels.map(textsOf);
    return {
      origin: record,
      prompt: texts[0]![0]!.prompt ?? '',
      references: [words.labelOf(record)],
      alternatives: texts.map((ofLabel) => ofLabel.map(({ completion }) => completion)),
    };
  };
  return { exampleOf, fields };
}

const withoutReference = () =>
  optionError(
    'referenceField',
    say`labels are chosen by their likelihood as completions; leave the option out`,
  );

function chatReader(
  first: DataRecord,
  { tokenizer, template, completionTemplate, referenceField, labels }: ExampleOptions,
): ExampleReader {
  if (template !== undefined || completionTemplate !== undefined || referenceField !== undefined || labels)
    throw optionError(
      'chat',
      say`the prompt is a conversation and the answer its last turn; leave out templates, reference
        field and labels`,
    );
  const { format } = chatFormatOf(tokenizer);
  const withArguments = callArgumentsFor(format, tokenizer);
  const form = conversationForm(first.fields);
  /** The last turn in the template's words, as it would be generated. */
  const writtenTurn = (conversation: Conversation) =>
    tokenizer.decode(tokenizer.encode(chatParts(format, conversation).at(-1)!.text), {
      skipSpecialTokens: true,
    });
  const exampleOf = (record: DataRecord): EvaluationExample => {
    const { messages: given, tools } = conversationOf(record, form);
    const messages = withArguments(given);
    const last = messages.findLastIndex(isLearned);
    const content = messages[last]!.content ?? writtenTurn({ messages: messages.slice(0, last + 1), tools });
    if (content === '')
      throw dataError(
        record,
        say`the last turn calls a tool, which the model's chat template does not write`,
      );
    const before = messages.slice(0, last);
    const prompt = format(before, { addGenerationPrompt: true, tools });
    return { origin: record, prompt, messages: before, references: [content.trim()] };
  };
  return { exampleOf, fields: new Set(form?.fields) };
}

function referencesIn(record: DataRecord & { readonly fields: Fields }, name: string): string[] {
  const value = record.fields[name];
  if (!Array.isArray(value)) return [fieldText(record, name).trim()];
  return value.map((reference: unknown, i) => {
    const text = scalarText(reference);
    if (text !== undefined) return text.trim();
    throw dataError(
      record,
      say`reference ${i + 1} of the field ${JSON.stringify(name)} is ${JSON.stringify(reference)},
        expected a string`,
    );
  });
}

function checkReferences({ origin, references }: EvaluationExample, labels?: readonly string[]): void {
  if (references.length === 0)
    throw dataError(origin, say`there is no reference; add one or remove the record`);
  const empty = references.indexOf('');
  if (empty >= 0) {
    const which = references.length > 1 ? `reference ${empty + 1}` : say`the reference`;
    throw dataError(origin, say`${which} is empty; fill it in or remove the record`);
  }
  if (labels && !labels.includes(references[0]!))
    throw dataError(
      origin,
      say`the answer ${JSON.stringify(references[0])} is not one of the labels ${labels.join(', ')}`,
    );
}

/** A prompt as readable text, with placeholders as in a template. */
export function shownPrompt(prompt: PromptText): string {
  if (typeof prompt === 'string') return prompt;
  const shown = (part: PromptPart) => {
    if (typeof part === 'string') return part;
    return 'place' in part ? '{{ mask() }}' : `{soft:${part.count}}`;
  };
  return prompt.map(shown).join('');
}
