/** @file The common layouts of data sets, recognized by the names of their fields, and their conversion to text. */
import { isJsonObject } from '../formats/json.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { fieldNamed, fieldText, firstNamed, scalarText, structured, valuesOf } from './fields.js';
import { inLanguage, type LayoutLanguage, languageOf, layoutWords } from './layout-words.js';
import { multipleChoice, questionAnswer } from './question-shapes.js';

export type Render = (record: DataRecord) => string;

/** How records are converted: to a prompt and a completion, or to a text that is learned as a whole. */
export interface Shape {
  /** For people: the layout's name, and which field becomes what. */
  readonly description: string;
  readonly prompt?: Render;
  /** The same as a template for new prompts. Without one, a prompt is taken as it is. */
  readonly promptTemplate?: string;
  readonly completion: Render;
  /** The fields that make up the prompt. */
  readonly promptFields: readonly string[];
  /** The field of the completion: a template that uses it has another completion. */
  readonly completionField: string;
  /** Whether nothing had to be guessed: the fields are called prompt and completion, or similar. */
  readonly isPlain?: boolean;
  /** Whether the completion is a label of the texts. */
  readonly isLabel?: boolean;
  /** The language of the words around the fields, if there are any. */
  readonly language?: LayoutLanguage;
}

const field =
  (name: string): Render =>
  (record) =>
    fieldText(record, name);

/**
 * The shape of records with the fields of `first`, if it is known; the first one that fits, in the order of this list.
 * @param language of the words around the fields. Default: that of `first`
 */
export function shapeOf(first: Fields, language?: LayoutLanguage): Shape | undefined {
  return (
    promptCompletion(first) ??
    multipleChoice(first, language) ??
    questionAnswer(first, language) ??
    translation(first, language) ??
    summary(first, language) ??
    pair(first) ??
    labeled(first, language) ??
    wholeText(first) ??
    twoLanguages(first, language)
  );
}

/** All of `names` as spelled in the record, or undefined if one is missing. */
function allNamed(fields: Fields, names: readonly string[]): string[] | undefined {
  const found = names.map((name) => fieldNamed(fields, name));
  return found.every((name) => name !== undefined) ? found : undefined;
}

/** Names of an answer to a prompt; `chosen` is the preferred one of two. */
const completionNames = ['completion', 'output', 'response', 'chosen'] as const;

/** The field that answers `prompt` or `instruction`. */
export const completionFieldOf = (fields: Fields): string | undefined => firstNamed(fields, completionNames);

function promptCompletion(fields: Fields): Shape | undefined {
  const prompt = promptOf(fields);
  const completionField = completionFieldOf(fields);
  if (!prompt || completionField === undefined) return undefined;
  const { isInstruction, name, fields: promptFields } = prompt;
  const description = isInstruction
    ? say`instructions (Alpaca): ${promptFields.join(say` and `)} → ${completionField}`
    : `${name} → ${completionField}`;
  return {
    description,
    prompt: prompt.render,
    promptFields,
    completion: field(completionField),
    completionField,
    isPlain: !isInstruction && ['completion', 'output'].includes(completionField.trim().toLowerCase()),
  };
}

interface PromptFields {
  readonly name: string;
  readonly render: Render;
  readonly fields: readonly string[];
  readonly isInstruction?: boolean;
}

/** The prompt by its field's name, with any completion. */
export function promptOf(fields: Fields): PromptFields | undefined {
  const prompt = fieldNamed(fields, 'prompt');
  if (prompt !== undefined) return { name: prompt, render: field(prompt), fields: [prompt] };
  const instruction = fieldNamed(fields, 'instruction');
  if (instruction !== undefined) return instructions(fields, instruction);
  const input = fieldNamed(fields, 'input');
  return input === undefined ? undefined : { name: input, render: field(input), fields: [input] };
}

/**
 * Alpaca's instructions (Taori et al. 2023), with an input (Dolly's context) on the next line, and before them
 * LLaMA-Factory's additions: a system prompt, and a history of earlier instructions and answers.
 */
function instructions(fields: Fields, instruction: string): PromptFields {
  const before = [firstNamed(fields, systemNames), fieldNamed(fields, 'history')].filter(
    (name) => name !== undefined,
  );
  const after = firstNamed(fields, ['input', 'context']) ?? [];
  const names = [...before, instruction, ...[after].flat()];
  const textOf = (record: DataRecord, name: string): string[] => {
    if (name === instruction) return [fieldText(record, name)];
    const value = structured(record.fields[name]);
    if (value == null || value === '') return [];
    return name.trim().toLowerCase() === 'history'
      ? historyOf(record, name, value)
      : [fieldText(record, name)];
  };
  const render: Render = (record) => names.flatMap((name) => textOf(record, name)).join('\n');
  return { name: instruction, render, fields: names, isInstruction: true };
}

/** Names of a system prompt next to a question. */
const systemNames = ['system', 'system_prompt'];

/** [[instruction, answer], …] as one list of texts. */
function historyOf(record: DataRecord, name: string, value: unknown): string[] {
  const rounds = Array.isArray(value) ? value : [value];
  return rounds.flatMap((round: unknown) => {
    if (Array.isArray(round) && round.length === 2 && round.every((text) => typeof text === 'string'))
      return round as string[];
    throw dataError(
      record,
      say`the field ${JSON.stringify(name)} is not of the form [["instruction", "answer"], …]`,
    );
  });
}

/** {"translation": {"en": "…", "zh": "…"}}, as in WMT and OPUS on the Hub. */
function translation(fields: Fields, language?: LayoutLanguage): Shape | undefined {
  const name = fieldNamed(fields, 'translation');
  const pair = name === undefined ? undefined : structured(fields[name]);
  if (name === undefined || !isJsonObject(pair)) return undefined;
  const languages = Object.keys(pair);
  if (languages.length !== 2) return undefined;
  const textIn = (language: string) => (record: DataRecord) => {
    const value = structured(record.fields[name]);
    const text = isJsonObject(value) ? value[language] : undefined;
    if (typeof text === 'string') return text;
    throw dataError(record, say`the field "${name}" has no text in ${JSON.stringify(language)}`);
  };
  return translationShape(languages, textIn, [name], name, language ?? languageOf([pair[languages[1]!]]));
}

/** Two columns named by languages: en and zh, or cmn. */
function twoLanguages(fields: Fields, language?: LayoutLanguage): Shape | undefined {
  const names = Object.keys(fields);
  if (names.length !== 2 || !names.every(isLanguage)) return undefined;
  const [source, target] = names as [string, string];
  return translationShape(names, field, [source], target, language ?? languageOf([fields[target]]));
}

const languages = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** Whether a name is a language code: en, zh or cmn, zh-TW or zh_TW. `id` is Indonesian, but more often a number. */
function isLanguage(name: string): boolean {
  if (name === 'id' || !/^[a-z]{2,3}([_-][A-Za-z]{2,4})?$/.test(name)) return false;
  return languages.of(name.replace('_', '-')) !== undefined;
}

/** The layout of GPT-2's translations (Radford et al. 2019, section 3.7): `english sentence = french sentence`. */
function translationShape(
  [source, target]: readonly string[],
  textIn: (language: string) => Render,
  promptFields: readonly string[],
  completionField: string,
  language: LayoutLanguage,
): Shape {
  const [from, to] = [textIn(source!), textIn(target!)];
  const { gap } = layoutWords(language);
  return {
    description: say`translations: ${source} → ${target}`,
    prompt: (record) => `${from(record)} =`,
    promptTemplate: `{${source}} =`,
    promptFields,
    completion: (record) => `${gap}${to(record)}`,
    completionField,
    language,
  };
}

const summaries = [
  ['article', 'highlights'], // CNN/DailyMail
  ['document', 'summary'], // XSum
  ['dialogue', 'summary'], // SAMSum
  ['article', 'summary'],
  ['article', 'abstract'],
  ['description', 'abstract'], // BIGPATENT
  ['report', 'summary'], // GovReport
  ['transcript', 'summary'],
  ['content', 'summary'], // TL;DR of Reddit
  ['text', 'summary'],
] as const;

/** The layout of GPT-2's summaries (Radford et al. 2019, section 3.6). */
function summary(fields: Fields, given?: LayoutLanguage): Shape | undefined {
  const [text, short] = firstPair(fields, summaries) ?? [];
  if (text === undefined || short === undefined) return undefined;
  const language = given ?? languageOf([fields[short]], [fields[text]]);
  const words = layoutWords(language);
  return {
    description: inLanguage(say`texts and their summaries: ${text} → ${short}`, language),
    prompt: (record) => `${fieldText(record, text)}\n${words.summary}`,
    promptTemplate: `{${text}}\n${words.summary}`,
    promptFields: [text],
    completion: (record) => `${words.gap}${filledText(record, short)}`,
    completionField: short,
    language,
  };
}

/** Names that determine the direction, but no layout. */
const pairs = [
  ['inputs', 'targets'], // P3, FLAN
  ['input', 'target'],
  ['query', 'response'],
  ['query', 'answer'],
  ['question', 'response'],
  ['question', 'chosen'],
  ['question', 'solution'],
  ['problem', 'solution'], // NuminaMath
  ['problem', 'answer'],
  ['source', 'target'],
  ['src', 'tgt'],
  ['src', 'trg'],
  ['source_text', 'target_text'],
  ['input_text', 'target_text'],
  ['input_text', 'output_text'],
  ['prompt', 'answer'],
  ['prompt', 'target'],
  ['prompt', 'generation'],
  ['instruction', 'answer'],
  ['context', 'response'],
  ['dialogue', 'response'],
  ['message_1', 'message_2'], // CAMEL
] as const;

function pair(fields: Fields): Shape | undefined {
  const [from, to] = firstPair(fields, pairs) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const prompt = promptOf(fields);
  const { render, fields: promptFields } = prompt?.name === from ? prompt : afterSystem(fields, from);
  return {
    description: `${promptFields.join(say` and `)} → ${to}`,
    prompt: render,
    promptFields,
    completion: field(to),
    completionField: to,
  };
}

/** A field preceded by a system prompt on its own line, as in OpenOrca. */
function afterSystem(fields: Fields, name: string): Pick<PromptFields, 'render' | 'fields'> {
  const system = firstNamed(fields, systemNames);
  if (system === undefined) return { render: field(name), fields: [name] };
  const render: Render = (record) => {
    const before = record.fields[system];
    const isEmpty = before == null || before === '';
    return `${isEmpty ? '' : `${fieldText(record, system)}\n`}${fieldText(record, name)}`;
  };
  return { render, fields: [system, name] };
}

function firstPair(fields: Fields, known: readonly (readonly [string, string])[]): string[] | undefined {
  for (const names of known) {
    const found = allNamed(fields, names);
    if (found) return found;
  }
  return undefined;
}

/** GLUE (Wang et al. 2018) and most other sets of labeled texts: one text or two, and a label. */
const labeledNames = [
  ['sentence1', 'sentence2'],
  ['premise', 'hypothesis'],
  ['question1', 'question2'],
  ['text1', 'text2'],
  ['text_a', 'text_b'],
  ['sentence_a', 'sentence_b'], // SICK
  ['question', 'sentence'],
  ['passage', 'question'], // BoolQ of SuperGLUE
  ['title', 'content'],
  ['title', 'description'],
  ['sentence'],
  ['text'],
  ['review'],
  ['content'],
  ['tweet'],
  ['question'],
] as const;
const labelNames = ['label', 'labels', 'label_text', 'sentiment'] as const;
/** Other names of the label of two texts: their similarity (STS), and the label in SNLI's own files. */
const pairLabelNames = ['score', 'similarity_score', 'gold_label'] as const;

function labeled(fields: Fields, language?: LayoutLanguage): Shape | undefined {
  const texts = labeledTexts(fields);
  const names = texts?.length === 2 ? [...labelNames, ...pairLabelNames] : labelNames;
  const label = names
    .map((name) => fieldNamed(fields, name))
    .find((name) => name !== undefined && scalarText(fields[name]) !== undefined);
  if (!texts || label === undefined) return undefined;
  return labeledShape(texts, label, language ?? languageOf([fields[label]], valuesOf(fields, texts)));
}

/** The text of a completion behind a word of the layout, which would hide that it is empty, as in a cell of CSV. */
function filledText(record: DataRecord, name: string): string {
  const text = fieldText(record, name);
  if (text.trim() !== '') return text;
  throw dataError(record, say`the field ${JSON.stringify(name)} is empty; fill it in or remove the record`);
}

/** Texts with a label, as text, if the labels are words. */
export function labeledShape(texts: readonly string[], labelField: string, language: LayoutLanguage): Shape {
  const { label, gap } = layoutWords(language);
  return {
    description: inLanguage(say`labeled texts: ${texts.join(say` and `)} → ${labelField}`, language),
    prompt: (record) => `${texts.map((name) => fieldText(record, name)).join('\n')}\n${label}`,
    promptTemplate: `${texts.map((name) => `{${name}}`).join('\n')}\n${label}`,
    promptFields: texts,
    completion: (record) => `${gap}${filledText(record, labelField)}`,
    completionField: labelField,
    isLabel: true,
    language,
  };
}

/** The texts of a labeled record, by the names of its fields. */
export function labeledTexts(fields: Fields): readonly string[] | undefined {
  for (const names of labeledNames) {
    const found = allNamed(fields, names);
    if (found) return found;
  }
  return undefined;
}

function wholeText(fields: Fields): Shape | undefined {
  const text = fieldNamed(fields, 'text');
  if (text === undefined) return undefined;
  return {
    description: 'text',
    promptFields: [],
    completion: field(text),
    completionField: text,
    isPlain: true,
  };
}
