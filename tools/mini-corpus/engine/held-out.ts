/** @file What training never sees: whole frames, and whole combinations of a noun with an adjective or a verb. */
import type { Word } from './words.js';

/** FNV-1a over UTF-16 units, then mixed, so that short keys that differ in one letter get unrelated hashes. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * 1 in 20 of all adjective-noun and verb-noun pairs, wherever they occur in a sentence; the same pairs in both
 * languages.
 */
export function isHeldOutPair(a: Word, b: Word): boolean {
  const [noun, other] = a.kind === 'noun' ? [a, b] : [b, a];
  if (noun.kind !== 'noun' || (other.kind !== 'adjective' && other.kind !== 'verb')) return false;
  return hash(`${other.en}|${noun.en}`) % 20 === 0;
}

/** About 3% of all frames, selected by their English text. */
export function isHeldOutFrame(en: string): boolean {
  return hash(en) % 33 === 0;
}

/** 1 in 40 of the sentence pairs from Tatoeba, selected by their English text. */
export function isHeldOutSentence(en: string): boolean {
  return hash(en) % 40 === 0;
}
