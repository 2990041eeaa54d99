/** @file Whether the corpus's own grammar could have written a continuation about a cat. */
import type { Frame } from '../../tools/mini-corpus/engine/frames.js';
import { catEndings, catMiddles, catSentences } from '../../tools/mini-corpus/genres/cats.js';
import { framePattern } from './frame-pattern.js';

const oneOf = (frames: readonly Frame[]) => frames.map((frame) => framePattern(frame, 'zh')).join('|');

/** Any number of middles, an ending, any number of sentences; every slot holds a word of its own table. */
const continuation = new RegExp(
  `^(?:${oneOf(catMiddles)})*(?:${oneOf(catEndings)})(?:${oneOf(catSentences)})*$`,
  'u',
);

/** True for a continuation of a Chinese beginning such as 一只可爱的猫， all of whose parts and words are about cats. */
export function isCatContinuation(text: string): boolean {
  return continuation.test(text.trim());
}
