/** @file The shapes that data sets usually have, known by the names of their fields, and how each reads as text. */
import { isJsonObject } from '../formats/json.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { fieldText } from './fields.js';

type Render = (record: DataRecord) => string;

/** How records read: with a prompt and a completion, or as a text to learn as a whole. */
export interface Shape {
  /** For people: what it is and what becomes what. */
  readonly description: string;
  readonly prompt?: Render;
  readonly completion: Render;
  /** The field that the completion is of: a template that uses it says something else. */
  readonly completionField: string;
  /** Nothing was guessed: the fields are called prompt and completion, or alike. */
  readonly isPlain?: boolean;
}

const field =
  (name: string): Render =>
  (record) =>
    fieldText(record, name);

/** The shape of records with the fields of `first`, if it is known. Of several that fit, the first in this list. */
export function shapeOf(first: Fields): Shape | undefined {
  return (
    promptCompletion(first) ??
    squad(first) ??
    translation(first) ??
    labeled(first) ??
    wholeText(first) ??
    twoLanguages(first)
  );
}

function promptCompletion(fields: Fields): Shape | undefined {
  const prompt = promptOf(fields);
  const completionField = ['completion', 'output'].find((name) => name in fields);
  if (!prompt || completionField === undefined) return undefined;
  const isAlpaca = prompt.name === 'instruction' && !('prompt' in fields);
  const description = isAlpaca
    ? `instructions (Alpaca): instruction${'input' in fields ? ' and input' : ''} → ${completionField}`
    : `${prompt.name} → ${completionField}`;
  return {
    description,
    prompt: prompt.render,
    completion: field(completionField),
    completionField,
    isPlain: !isAlpaca,
  };
}

/** The prompt by its field's name, with any completion. */
export function promptOf(fields: Fields): { name: string; render: Render } | undefined {
  if ('prompt' in fields) return { name: 'prompt', render: field('prompt') };
  if ('instruction' in fields) return { name: 'instruction', render: instructionAndInput };
  return 'input' in fields ? { name: 'input', render: field('input') } : undefined;
}

function instructionAndInput(record: DataRecord): string {
  const instruction = fieldText(record, 'instruction');
  const input = record.fields.input == null ? '' : fieldText(record, 'input');
  return input === '' ? instruction : `${instruction}\n${input}`;
}

/** SQuAD (Rajpurkar et al. 2016): answers as {"text": […]}, as the Hub has them, or as [{"text": …}], as the original. */
function squad(fields: Fields): Shape | undefined {
  if (!['context', 'question', 'answers'].every((name) => name in fields)) return undefined;
  return {
    description: 'questions about a text (SQuAD): context and question → the first answer, or "no answer"',
    prompt: (record) =>
      `${fieldText(record, 'context')}\nQuestion: ${fieldText(record, 'question')}\nAnswer:`,
    completion: (record) => ` ${firstAnswer(record)}`,
    completionField: 'answers',
  };
}

function firstAnswer(record: DataRecord): string {
  const { answers } = record.fields;
  const list = isJsonObject(answers) ? answers.text : answers;
  if (Array.isArray(list)) {
    const [first = 'no answer'] = list as unknown[]; // SQuAD 2.0 has questions without one
    const text = isJsonObject(first) ? first.text : first;
    if (typeof text === 'string') return text;
  }
  throw dataError(record, 'the field "answers" is not of the shape {"text": ["…"]}');
}

/** {"translation": {"en": "…", "zh": "…"}}, as WMT's and OPUS's data sets on the Hub. */
function translation({ translation: pair }: Fields): Shape | undefined {
  if (!isJsonObject(pair)) return undefined;
  const languages = Object.keys(pair);
  if (languages.length !== 2) return undefined;
  const textIn = (language: string) => (record: DataRecord) => {
    const text = isJsonObject(record.fields.translation) ? record.fields.translation[language] : undefined;
    if (typeof text === 'string') return text;
    throw dataError(record, `the field "translation" has no text in ${JSON.stringify(language)}`);
  };
  return translationShape(languages, textIn, 'translation');
}

/** Two columns that are called by languages: en and zh, or cmn. */
function twoLanguages(fields: Fields): Shape | undefined {
  const names = Object.keys(fields);
  if (names.length !== 2 || !names.every(isLanguage)) return undefined;
  return translationShape(names, field, names[1]!);
}

const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Whether it is the code of a language: en, zh or cmn, zh-TW or zh_TW. `id` is Indonesian, but more often a number. */
function isLanguage(name: string): boolean {
  if (name === 'id' || !/^[a-z]{2,3}([_-][A-Za-z]{2,4})?$/.test(name)) return false;
  return languages.of(name.replace('_', '-')) !== undefined;
}

/** The layout of GPT-2's translations (Radford et al. 2019, section 3.7): `english sentence = french sentence`. */
function translationShape(
  [source, target]: readonly string[],
  textIn: (language: string) => Render,
  completionField: string,
): Shape {
  const [from, to] = [textIn(source!), textIn(target!)];
  return {
    description: `translations: ${source} → ${target}`,
    prompt: (record) => `${from(record)} =`,
    completion: (record) => ` ${to(record)}`,
    completionField,
  };
}

/** GLUE (Wang et al. 2018): one text or two, and a label. */
const glueTexts = [
  ['sentence1', 'sentence2'],
  ['premise', 'hypothesis'],
  ['question1', 'question2'],
  ['question', 'sentence'],
  ['sentence'],
] as const;

function labeled(fields: Fields): Shape | undefined {
  const texts = glueTexts.find((names) => names.every((name) => name in fields));
  return texts && 'label' in fields ? labeledShape(texts, 'label') : undefined;
}

/** Texts with a label, as text: for those whose labels are words. */
export function labeledShape(texts: readonly string[], labelField: string): Shape {
  return {
    description: `labeled texts: ${texts.join(' and ')} → ${labelField}`,
    prompt: (record) => `${texts.map((name) => fieldText(record, name)).join('\n')}\nLabel:`,
    completion: (record) => ` ${fieldText(record, labelField)}`,
    completionField: labelField,
  };
}

/** The texts of a labeled record, by the fields' names. */
export function labeledTexts(fields: Fields): readonly string[] | undefined {
  return [...glueTexts, ['text'], ['review'], ['content']].find((names) =>
    names.every((name) => name in fields),
  );
}

function wholeText(fields: Fields): Shape | undefined {
  if (!('text' in fields)) return undefined;
  return { description: 'text', completion: field('text'), completionField: 'text', isPlain: true };
}

/** The field of a conversation: OpenAI's `messages`, or ShareGPT's `conversations`. */
export const conversationField = (fields: Fields): string | undefined =>
  ['messages', 'conversations'].find((name) => Array.isArray(fields[name]));
