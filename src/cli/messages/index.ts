/** @file What the command line says in the chosen language. */
import { english, type Language, said, speak as speakCatalog, spoken } from '../../say.js';
import { helpInChinese } from './help.js';
import { zh } from './zh/index.js';

export { messages } from './messages.js';

/** Chooses the language of everything that is said from now on. */
export const speak = (chosen: Language): void => speakCatalog(chosen === 'zh' ? zh : english);

/** A text of the help in the chosen language; in English where the catalog lacks it. */
export const helpText = (text: string): string =>
  spoken().language === 'zh' ? (helpInChinese(text) ?? said(text)) : text;
