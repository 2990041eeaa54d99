/** @file The `pre_tokenizer` of tokenizer.json: splits a text into words, each of which is tokenized separately. */

import type { Pattern } from '../regex/linear.js';
import { compilePattern } from '../regex/pattern.js';
import { say } from '../say.js';
import { spellBytes } from './byte-level.js';
import {
  type FindMatches,
  findMatches,
  patternOf,
  pieceBounds,
  type SplitBehavior,
  splitBehaviors,
} from './matches.js';
import type { Part } from './part.js';
import { punctuation } from './unicode-tables.js';

/** A stretch of a text on its way to the model. */
export interface Piece {
  readonly text: string;
  /** How many units at its beginning come from the first character of the whole text. */
  readonly first: number;
}

export interface PreTokenizer {
  /**
   * Splits pieces further.
   * @param continues whether other text precedes the whole text, so that no prefix is added to its first word
   */
  split(pieces: readonly Piece[], continues: boolean): readonly Piece[];
  /** The spelling of words for the model, if it differs: a caller that caches words by their text applies it late. */
  readonly spell?: (word: string) => string;
}

/** GPT-2's pattern (openai/gpt-2, encoder.py), in the library's form. */
const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
/** The regex crate's \w+|[^\w\s]+, whose \w includes the joiners. */
const wordsPattern =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;
const whitespace = /\p{White_Space}/gu;

/** @throws FileError naming the unknown or invalid part */
export function preTokenizerOf(part: Part): PreTokenizer {
  switch (part.type) {
    case 'Sequence':
      return inSequence(part.parts('pretokenizers').map(preTokenizerOf));
    case 'ByteLevel':
      return byteLevel(part);
    case 'Metaspace':
      return metaspace(part);
    case 'Split': {
      const inverted = part.boolean('invert');
      const behavior = part.oneOf('behavior', splitBehaviors);
      return splitter(patternOf(part), behavior, inverted);
    }
    case 'Whitespace':
      return splitter(wordsPattern, 'Removed', true);
    case 'WhitespaceSplit':
      return splitter(whitespace, 'Removed');
    case 'BertPreTokenizer':
      return inSequence([splitter(whitespace, 'Removed'), splitter(punctuation, 'Isolated')]);
    case 'Punctuation':
      return splitter(punctuation, part.oneOf('behavior', splitBehaviors, 'Isolated'));
    case 'Digits':
      return splitter(/\p{N}/gu, part.boolean('individual_digits') ? 'Isolated' : 'Contiguous');
    case 'CharDelimiterSplit':
      return splitter(charPattern(part.character('delimiter')), 'Removed');
    case 'FixedLength':
      return fixedLength(part);
    default:
      throw part.refuse('type', say`the pre-tokenizer ${part.type} is not supported`);
  }
}

function inSequence(steps: readonly PreTokenizer[]): PreTokenizer {
  return {
    split(pieces, continues) {
      let divided = pieces;
      for (const [i, step] of steps.entries()) {
        const { spell } = step;
        divided = step.split(divided, continues);
        if (spell && i < steps.length - 1)
          divided = divided.map(({ text, first }) => ({
            text: spell(text),
            first: spell(text.slice(0, first)).length,
          }));
      }
      return divided;
    },
    spell: steps.at(-1)?.spell,
  };
}

/**
 * Splits by a pattern.
 * @param regex with the flag `g`
 */
function splitter(regex: Pattern, behavior: SplitBehavior, inverted = false): PreTokenizer {
  return { split: splitBy((text) => findMatches(regex, text), behavior, inverted) };
}

function splitBy(find: FindMatches, behavior: SplitBehavior, inverted = false): PreTokenizer['split'] {
  return (pieces) => {
    const divided: Piece[] = [];
    for (const { text, first } of pieces) {
      const bounds = pieceBounds(find(text), behavior, inverted);
      for (let i = 0; i < bounds.length; i += 2) {
        const start = bounds[i]!;
        divided.push({ text: text.slice(start, bounds[i + 1]), first: Math.max(0, first - start) });
      }
    }
    return divided;
  };
}

const charPattern = (character: string) => new RegExp(`\\u{${character.codePointAt(0)!.toString(16)}}`, 'gu');

function byteLevel(part: Part): PreTokenizer {
  const addsSpace = part.boolean('add_prefix_space', true);
  const split = part.boolean('use_regex', true)
    ? splitBy(findIn(compilePattern(gpt2Pattern)), 'Isolated')
    : (pieces: readonly Piece[]) => pieces;
  const begun = (piece: Piece, continues: boolean): Piece =>
    piece.text.startsWith(' ') || (continues && piece.first > 0) ? piece : withPrefix(' ', piece);
  return {
    split: (pieces, continues) =>
      split(addsSpace ? pieces.map((piece) => begun(piece, continues)) : pieces, continues),
    spell: spellBytes,
  };
}

/** What is put before a piece counts as its beginning. */
const withPrefix = (prefix: string, { text, first }: Piece): Piece => ({
  text: prefix + text,
  first: first > 0 ? first + prefix.length : 0,
});

const findIn =
  (regex: Pattern): FindMatches =>
  (text) =>
    findMatches(regex, text);

const prependSchemes = ['first', 'never', 'always'] as const;

/** The scheme of a Metaspace part, of which `add_prefix_space` is the older name. */
export function prependSchemeOf(part: Part): (typeof prependSchemes)[number] {
  const scheme = part.oneOf('prepend_scheme', prependSchemes, 'always');
  if (!part.has('add_prefix_space') || part.boolean('add_prefix_space')) return scheme;
  if (part.has('prepend_scheme') && scheme !== 'never')
    throw part.refuse('add_prefix_space', say`false does not go with the prepend_scheme "${scheme}"`);
  return 'never';
}

function metaspace(part: Part): PreTokenizer {
  const mark = part.character('replacement');
  const scheme = prependSchemeOf(part);
  const isSplit = !part.has('split') || part.boolean('split');
  const isBegun = (isFirst: boolean, continues: boolean) =>
    scheme === 'never' || (scheme === 'first' && !isFirst) || (continues && isFirst);
  const marked = ({ text, first }: Piece, continues: boolean): Piece => {
    const replaced = { text: text.replaceAll(' ', mark), first };
    return replaced.text.startsWith(mark) || isBegun(first > 0, continues)
      ? replaced
      : withPrefix(mark, replaced);
  };
  const split = isSplit ? splitBy(findIn(charPattern(mark)), 'MergedWithNext') : undefined;
  return {
    split(pieces, continues) {
      const changed = pieces.map((piece) => marked(piece, continues));
      return split ? split(changed, continues) : changed;
    },
  };
}

function fixedLength(part: Part): PreTokenizer {
  const length = part.count('length', 5);
  if (length === 0) throw part.wrong('length', say`at least 1`);
  const pattern = new RegExp(`[\\s\\S]{1,${length}}`, 'gu');
  return splitter(pattern, 'Isolated');
}
