/**
 * @file Frames of the corpus's grammar as regular expressions: everything a frame can say, with any word of each slot's
 *   table.
 */
import type { Frame, Language } from '../../tools/mini-corpus/engine/frames.js';
import { chineseForms, englishForms } from '../../tools/mini-corpus/engine/words.js';
import { lexicon } from '../../tools/mini-corpus/words/lexicon.js';

const formsOf = { en: englishForms, zh: chineseForms };

/** The source of a regular expression. English text matches regardless of case. */
export function framePattern(frame: Frame, language: Language): string {
  return frame[language]
    .map((piece) => {
      if (typeof piece === 'string') return escaped(piece);
      const words = lexicon.tables[piece.slot.replace(/\d+$/, '')]!;
      const written = words.map((word) => formsOf[language][piece.form]!(word));
      return anyOf(written);
    })
    .join('')
    .replace(/\b(a) /g, '$1n? '); // articles are adapted when a sentence is generated
}

/** Any of the texts; the longest that matches is preferred. */
export function anyOf(texts: readonly string[]): string {
  const longestFirst = [...new Set(texts)].sort((a, b) => b.length - a.length);
  return `(?:${longestFirst.map(escaped).join('|')})`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
