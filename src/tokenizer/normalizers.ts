/** @file The `normalizer` of tokenizer.json: how a text is changed before it is split. */
import { say } from '../say.js';
import { spellBytes } from './byte-level.js';
import { readCharsmap } from './charsmap.js';
import { patternOf, replaceMatches } from './matches.js';
import type { Part } from './part.js';
import {
  combiningMarks,
  controls,
  nonspacingMarks,
  unorderedMarks,
  withoutDecomposition,
} from './unicode-tables.js';

export interface Normalizer {
  /** @param continues whether other text precedes this one, so that no prefix is added as before a first word */
  normalize(text: string, continues: boolean): string;
  /**
   * How much of the beginning of the output comes from the first `length` units of the text. The library follows the
   * first character of a whole text: Metaspace's scheme `first` adds its prefix to whatever begins within it, and to
   * nothing if it was removed.
   */
  startLength(text: string, length: number): number;
}

/** @throws FileError naming the unknown or invalid part */
export function normalizerOf(part: Part): Normalizer {
  switch (part.type) {
    case 'Sequence':
      return inSequence(part.parts('normalizers').map(normalizerOf));
    case 'NFC':
      return changing((text) => normalized(text, 'NFC'));
    case 'NFD':
      return changing((text) => normalized(text, 'NFD'));
    case 'NFKC':
      return changing((text) => normalized(text, 'NFKC'));
    case 'NFKD':
      return changing((text) => normalized(text, 'NFKD'));
    case 'Lowercase':
      return changing(lowercase);
    case 'Strip':
      return changing(strip(part));
    case 'StripAccents':
      return changing((text) => text.replace(combiningMarks, ''));
    case 'Nmt':
      return changing((text) => text.replace(nmtRemoved, '').replace(nmtSpaces, ' '));
    case 'BertNormalizer':
      return changing(bertNormalizer(part));
    case 'Precompiled':
      return changing(precompiled(part));
    case 'Replace':
      return replace(part);
    case 'Prepend': {
      const prepended = part.string('prepend');
      const normalize: Normalizer['normalize'] = (text, continues) =>
        text === '' || continues ? text : prepended + text;
      return { normalize, startLength: (_, length) => prepended.length + length };
    }
    case 'ByteLevel':
      return changing(spellBytes);
    default:
      throw part.refuse('type', say`the normalizer ${part.type} is not supported`);
  }
}

type Change = (text: string) => string;

/** A change that may drop characters: the start was dropped if the rest gives the same without it. */
function changing(change: Change): Normalizer {
  const startLength = (text: string, length: number): number => {
    const changed = change(text);
    if (changed === text) return length;
    const [start, rest] = [change(text.slice(0, length)), change(text.slice(length))];
    if (changed === rest) return 0;
    return changed === start + rest ? start.length : Math.max(1, changed.length - rest.length);
  };
  return { normalize: change, startLength };
}

function inSequence(normalizers: readonly Normalizer[]): Normalizer {
  const normalize: Normalizer['normalize'] = (text, continues) =>
    normalizers.reduce((changed, next) => next.normalize(changed, continues), text);
  const startLength = (text: string, length: number): number => {
    let changed = text;
    let start = length;
    for (const normalizer of normalizers) {
      if (start === 0) return 0;
      start = normalizer.startLength(changed, start);
      changed = normalizer.normalize(changed, false);
    }
    return start;
  };
  return { normalize, startLength };
}

/** In the library, the replacement takes the position of the last character that it replaces. */
function replace(part: Part): Normalizer {
  const [pattern, content] = [patternOf(part), part.string('content')];
  const startLength = (text: string, length: number): number => {
    pattern.lastIndex = 0;
    const match = pattern.exec(text);
    if (match?.index === 0 && match[0].length > length) return 0;
    return replaceMatches(pattern, text.slice(0, length), content).length;
  };
  return { normalize: (text) => replaceMatches(pattern, text, content), startLength };
}

type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** By the Unicode version of the library, which knows fewer marks, decompositions and compositions than Node's. */
function normalized(text: string, form: Form): string {
  if (!mayBeNewer.test(text)) return text.normalize(form);
  const inPart = (part: string) => {
    const changed = part.normalize(form);
    if (form === 'NFD' || form === 'NFKD') return changed;
    return changed.replace(withoutDecomposition, (found) =>
      part.includes(found) ? found : found.normalize('NFD'),
    );
  };
  let changed = '';
  let at = 0;
  for (const { index, 0: kept } of text.matchAll(form === 'NFC' ? unorderedMarks : unchanged)) {
    changed += inPart(text.slice(at, index)) + kept;
    at = index + kept.length;
  }
  return changed + inPart(text.slice(at));
}

const mayBeNewer = /[\u07fd-\u{10ffff}]/u;
const unchanged = new RegExp(`${withoutDecomposition.source}|${unorderedMarks.source}`, 'gu');

/** Lowercases character by character, as Rust does: JavaScript gives a sigma at the end of a word its other form. */
function lowercase(text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase();
}

function strip(part: Part): Change {
  const left = part.boolean('strip_left') ? /^\p{White_Space}+/u : undefined;
  const right = part.boolean('strip_right') ? /\p{White_Space}+$/u : undefined;
  return (text) => {
    const begun = left ? text.replace(left, '') : text;
    return right ? begun.replace(right, '') : begun;
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const nmtRemoved = /[\x01-\x08\x0B\x0E-\x1F\x7F\x8F\x9F]/g;
const nmtSpaces = /[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/g;

/**
 * The blocks that BERT treats as Chinese. One of the library's ranges begins at U+2B920, not at U+2B820 as in Google's
 * BERT.
 */
const chinese =
  /[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]/gu;

function bertNormalizer(part: Part): Change {
  const cleans = part.boolean('clean_text');
  const separates = part.boolean('handle_chinese_chars');
  const lowers = part.boolean('lowercase');
  const strips = part.has('strip_accents') ? part.boolean('strip_accents') : lowers;
  return (text) => {
    let changed = text;
    if (cleans) changed = changed.replace(controls, '').replace(/\p{White_Space}/gu, ' ');
    if (separates) changed = changed.replace(chinese, ' $& ');
    if (strips) changed = normalized(changed, 'NFD').replace(nonspacingMarks, '');
    return lowers ? lowercase(changed) : changed;
  };
}

const encoder = new TextEncoder();
const byteLength = (text: string) => encoder.encode(text).length;

function precompiled(part: Part): Change {
  const encoded = part.string('precompiled_charsmap');
  let replacementOf: ReturnType<typeof readCharsmap>;
  try {
    replacementOf = readCharsmap(encoded);
  } catch (cause) {
    throw part.refuse('precompiled_charsmap', say`it is broken: ${(cause as Error).message}`);
  }
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const piecewise = (text: string) => [...text].map((c) => replacementOf(c) ?? c).join('');
  return (text) => {
    let changed = '';
    for (const { segment } of graphemes.segment(text)) {
      const whole = byteLength(segment) < 6 ? replacementOf(segment) : undefined;
      changed += whole ?? piecewise(segment);
    }
    return changed;
  };
}
