/** @file What the command line says in the chosen language. */
import { english, type Language, said, speak as speakCatalog } from '../../say.js';
import { en, type Messages } from './en.js';
import { helpInChinese } from './help.js';
import { zh as catalog } from './zh/index.js';
import { zh } from './zh.js';

let language: Language = 'en';

/** Chooses the language of everything that is said from now on. */
export function speak(chosen: Language): void {
  language = chosen;
  speakCatalog(chosen === 'zh' ? catalog : english);
}

/** The messages in the chosen language. */
export const messages = (): Messages => (language === 'zh' ? zh : en);

/** A text of the help in the chosen language; in English where the catalog lacks it. */
export const helpText = (text: string): string =>
  language === 'zh' ? (helpInChinese(text) ?? said(text)) : text;
