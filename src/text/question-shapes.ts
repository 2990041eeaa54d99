/** @file Questions of common data sets as text: with an answer, about a text, or with choices. */
import { isJsonObject } from '../formats/json.js';
import { dataError } from '../records/data-error.js';
import type { Fields } from '../records/record-formats.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import { fieldNamed, fieldText, firstNamed, scalarText, structured, valuesOf } from './fields.js';
import {
  inLanguage,
  type LayoutLanguage,
  type LayoutWords,
  languageOf,
  layoutWords,
} from './layout-words.js';
import type { Shape } from './shapes.js';

/** Names of the text that a question is about, as in SQuAD, BoolQ and RACE. */
const contextNames = ['context', 'passage', 'article'] as const;

interface Asked {
  readonly context: string | undefined;
  readonly names: readonly string[];
  textOf(record: DataRecord, words: LayoutWords): string;
}

function contextAndQuestion(fields: Fields, question: string): Asked {
  const context = firstNamed(fields, contextNames);
  return {
    context,
    names: [...(context === undefined ? [] : [context]), question],
    textOf: (record, words) => {
      const before = context === undefined ? '' : `${fieldText(record, context)}\n`;
      return `${before}${words.question}${fieldText(record, question)}`;
    },
  };
}

/** SQuAD (Rajpurkar et al. 2016) and similar: a question, with or without a text, and one or more answers. */
export function questionAnswer(fields: Fields, given?: LayoutLanguage): Shape | undefined {
  const question = fieldNamed(fields, 'question');
  const answer = firstNamed(fields, ['answers', 'answer', 'correct_answer', 'best_answer']);
  if (question === undefined || answer === undefined) return undefined;
  const { context, names, textOf } = contextAndQuestion(fields, question);
  const language = given ?? languageOf(valuesOf(fields, [answer]), valuesOf(fields, names));
  const words = layoutWords(language);
  const isList = answer.trim().toLowerCase() === 'answers';
  const what = isList ? say`the first answer, or "${words.noAnswer}"` : answer;
  const before = context === undefined ? '' : `{${context}}\n`;
  return {
    description: inLanguage(
      context === undefined
        ? say`questions: ${question} → ${what}`
        : say`questions about a text (SQuAD): ${context} and ${question} → ${what}`,
      language,
    ),
    prompt: (record) => `${textOf(record, words)}\n${words.answer}`,
    promptTemplate: `${before}${words.question}{${question}}\n${words.answer}`,
    promptFields: names,
    completion: (record) => `${words.gap}${firstAnswer(record, answer, isList, words.noAnswer)}`,
    completionField: answer,
    language,
  };
}

/**
 * The first answer of {"text": […]}, as on the Hub, of [{"text": …}], as in the original, of a list of texts, or of one
 * text. A text that looks like a list is parsed only if the field contains lists: it may be an answer, such as the
 * interval [0, 1].
 */
function firstAnswer(record: DataRecord, name: string, isList: boolean, noAnswer: string): string {
  const value = record.fields[name];
  const read = structured(value);
  const answers = isList || typeof value !== 'string' || isAnswers(read) ? read : value;
  const one = scalarText(answers);
  if (one !== undefined && !(isList && /^\s*[[{]/.test(one))) return one;
  const list = isJsonObject(answers) ? (answers.text ?? answers.value) : answers;
  if (typeof list === 'string') return list;
  if (Array.isArray(list)) {
    const [first = noAnswer] = list as unknown[]; // SQuAD 2.0 has questions without one
    const text = scalarText(isJsonObject(first) ? first.text : first);
    if (text !== undefined) return text;
  }
  throw dataError(record, say`the field ${JSON.stringify(name)} is not of the form {"text": ["…"]}`);
}

const isText = (value: unknown) => typeof value === 'string';

/** Whether the content of a text can only be answers: a list of texts, or an object with them. */
const isAnswers = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 && value.every(isText)
    : isJsonObject(value) && ('text' in value || 'value' in value);

/** A question with several answers, one of which is right, as in MMLU, ARC, RACE and CommonsenseQA. */
export function multipleChoice(fields: Fields, given?: LayoutLanguage): Shape | undefined {
  const question = fieldNamed(fields, 'question');
  const choices = firstNamed(fields, ['choices', 'options']);
  const answer = firstNamed(fields, ['answerkey', 'answer_key', 'answer', 'label']);
  if (question === undefined || choices === undefined || answer === undefined) return undefined;
  if (!choicesIn(fields[choices])) return undefined;
  const { names, textOf } = contextAndQuestion(fields, question);
  const language = given ?? languageOf([], valuesOf(fields, [...names, choices])); // letters are of no language
  const words = layoutWords(language);
  return {
    description: inLanguage(
      say`questions with choices: ${[...names, choices].join(say` and `)} → the letter of ${answer}`,
      language,
    ),
    prompt: (record) => {
      const lines = choicesOf(record, choices).map(({ text }, i) => `${letterOf(i)}. ${text}`);
      return `${textOf(record, words)}\n${lines.join('\n')}\n${words.answer}`;
    },
    promptFields: [...names, choices],
    completion: (record) =>
      `${words.gap}${letterOf(rightChoice(record, answer, choicesOf(record, choices)))}`,
    completionField: answer,
    language,
  };
}

interface Choice {
  readonly text: string;
  /** Its label in the file, if there is one. */
  readonly label: string | undefined;
}

const letterOf = (index: number) => String.fromCharCode(65 + index);

/** A list of texts, or of {"label", "text"}, or {"label": […], "text": […]}, or {"A": …, "B": …}. */
function choicesIn(value: unknown): Choice[] | undefined {
  const given = structured(value);
  const named = isJsonObject(given) ? given : {};
  const isByLetter = Object.keys(named).every((name) => /^[A-Z]$/.test(name));
  const texts = Array.isArray(given) ? given : isByLetter ? Object.values(named) : named.text;
  if (!Array.isArray(texts) || texts.length < 2 || texts.length > 26) return undefined;
  const labels: unknown[] = isByLetter ? Object.keys(named) : Array.isArray(named.label) ? named.label : [];
  const choices = texts.flatMap((choice: unknown, i) => {
    const text = scalarText(isJsonObject(choice) ? choice.text : choice);
    const label = scalarText(isJsonObject(choice) ? choice.label : labels[i]);
    return text === undefined ? [] : [{ text, label }];
  });
  return choices.length === texts.length ? choices : undefined;
}

function choicesOf(record: DataRecord, name: string): Choice[] {
  const choices = choicesIn(record.fields[name]);
  if (choices) return choices;
  throw dataError(record, say`the field ${JSON.stringify(name)} is no list of 2 to 26 texts to choose from`);
}

/** The index of the right choice: by the file's own labels, else by its letter, its index from 0, or its text. */
function rightChoice(record: DataRecord, name: string, choices: readonly Choice[]): number {
  const answer = fieldText(record, name).trim();
  const ways = [
    choices.findIndex(({ label }) => label === answer),
    choices.findIndex(({ label }, i) => label === undefined && letterOf(i) === answer.toUpperCase()),
    choices.findIndex(({ label }, i) => label === undefined && String(i) === answer),
    choices.findIndex(({ text }) => text.trim() === answer),
  ];
  const found = ways.find((index) => index >= 0);
  if (found !== undefined) return found;
  throw dataError(
    record,
    say`the field ${JSON.stringify(name)} is ${JSON.stringify(answer)}, which is none of the
      choices; expected a letter, a number from 0, or a choice's text`,
  );
}
