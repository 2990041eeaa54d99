/** @file The words that built-in layouts put around the fields of records, in the language of the data. */
import { say } from '../say.js';

export const layoutLanguages = ['en', 'zh'] as const;
export type LayoutLanguage = (typeof layoutLanguages)[number];

export interface LayoutWords {
  readonly label: string;
  readonly question: string;
  readonly answer: string;
  readonly summary: string;
  /** The answer to a question that has none. */
  readonly noAnswer: string;
  /** Between a prompt and its completion. Chinese has no spaces, and one would be a token of its own. */
  readonly gap: string;
}

const wordsIn: Readonly<Record<LayoutLanguage, LayoutWords>> = {
  en: {
    label: 'Label:',
    question: 'Question: ',
    answer: 'Answer:',
    summary: 'TL;DR:', // Radford et al. 2019, section 3.6
    noAnswer: 'no answer',
    gap: ' ',
  },
  zh: {
    label: '标签：',
    question: '问题：',
    answer: '答案：',
    summary: '摘要：',
    noAnswer: '无答案',
    gap: '',
  },
};

export const layoutWords = (language: LayoutLanguage): LayoutWords => wordsIn[language];

/**
 * The language of a layout: that of the completions or, where they have no letters, such as the labels 0 and 1, that of
 * the texts. Both are values of fields, with texts at any depth.
 */
export function languageOf(completions: readonly unknown[], texts: readonly unknown[] = []): LayoutLanguage {
  const answers = textIn(completions);
  const all = `${answers}\n${textIn(texts)}`;
  if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(all)) return 'en'; // not Chinese
  return isChinese(/\p{L}/u.test(answers) ? answers : all) ? 'zh' : 'en';
}

/** A layout's description, which names its language if that is not English. */
export const inLanguage = (description: string, language: LayoutLanguage): string =>
  language === 'en' ? description : say`${description}, in Chinese`;

/** Whether there are as many Chinese characters as words of other scripts, such as names of products. */
function isChinese(text: string): boolean {
  const characters = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const words = text.match(/(?:(?!\p{Script=Han})\p{L})+/gu)?.length ?? 0;
  return characters > 0 && characters >= words;
}

const textIn = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textIn).join('\n');
};
