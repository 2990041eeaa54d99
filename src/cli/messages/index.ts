/** @file What the command line says in the chosen language. */
import { said, speak as speakSentences } from '../../say.js';
import { en, type Messages } from './en.js';
import { helpInChinese } from './help.js';
import type { Language } from './language.js';
import { zh as sentences } from './zh/index.js';
import { zh } from './zh.js';

let language: Language = 'en';

/** Chooses the language of everything that is said from now on. */
export function speak(chosen: Language): void {
  language = chosen;
  speakSentences(chosen === 'zh' ? sentences : undefined);
}

/** The messages in the chosen language. */
export const messages = (): Messages => (language === 'zh' ? zh : en);

/** A text of the help in the chosen language; in English where the catalog lacks it. */
export const helpText = (text: string): string =>
  language === 'zh' ? (helpInChinese(text) ?? said(text)) : text;
