/** @file The `normalizer` of tokenizer.json: how a text is changed before it is split. */
import { spellBytes } from './byte-level.js';
import { readCharsmap } from './charsmap.js';
import { patternOf, replaceMatches } from './matches.js';
import type { Part } from './part.js';
import { combiningMarks, controls, nonspacingMarks, withoutDecomposition } from './unicode-tables.js';

export interface Normalizer {
  /** @param continues whether other text precedes this one, so that no prefix is added as before a first word */
  normalize(text: string, continues: boolean): string;
  /**
   * Whether the output begins with what the text's first character became. If not, the library treats the text as one
   * that begins later, and Metaspace's scheme `first` adds no prefix.
   */
  keepsStart(text: string): boolean;
}

/** @throws FileError naming the unknown or invalid part */
export function normalizerOf(part: Part): Normalizer {
  switch (part.type) {
    case 'Sequence':
      return inSequence(part.parts('normalizers').map(normalizerOf));
    case 'NFC':
      return changing((text) => text.normalize('NFC'));
    case 'NFD':
      return changing((text) => decompose(text, 'NFD'));
    case 'NFKC':
      return changing((text) => decompose(text, 'NFKC'));
    case 'NFKD':
      return changing((text) => decompose(text, 'NFKD'));
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
      return { normalize, keepsStart: () => true };
    }
    case 'ByteLevel':
      return changing(spellBytes);
    default:
      throw part.refuse('type', `the normalizer ${part.type} is not supported`);
  }
}

type Change = (text: string) => string;

/** A change that may drop characters: the first was dropped if the rest gives the same without it. */
function changing(change: Change): Normalizer {
  const keepsStart = (text: string): boolean => {
    const changed = change(text);
    return changed === text || changed !== change(text.slice(text.codePointAt(0)! > 0xffff ? 2 : 1));
  };
  return { normalize: change, keepsStart };
}

function inSequence(normalizers: readonly Normalizer[]): Normalizer {
  const normalize: Normalizer['normalize'] = (text, continues) =>
    normalizers.reduce((changed, next) => next.normalize(changed, continues), text);
  const keepsStart = (text: string): boolean => {
    let changed = text;
    return normalizers.every((normalizer) => {
      const isKept = normalizer.keepsStart(changed);
      changed = normalizer.normalize(changed, false);
      return isKept;
    });
  };
  return { normalize, keepsStart };
}

/** In the library, the replacement takes the position of the last character that it replaces. */
function replace(part: Part): Normalizer {
  const [pattern, content] = [patternOf(part), part.string('content')];
  const keepsStart = (text: string): boolean => {
    pattern.lastIndex = 0;
    const match = pattern.exec(text);
    if (match?.index !== 0 || match[0] === '') return true;
    return content !== '' && [...match[0]].length === 1;
  };
  return { normalize: (text) => replaceMatches(pattern, text, content), keepsStart };
}

function decompose(text: string, form: 'NFD' | 'NFKC' | 'NFKD'): string {
  let changed = '';
  let at = 0;
  for (const { index, 0: kept } of text.matchAll(withoutDecomposition)) {
    changed += text.slice(at, index).normalize(form) + kept;
    at = index + kept.length;
  }
  return changed + text.slice(at).normalize(form);
}

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
    if (strips) changed = decompose(changed, 'NFD').replace(nonspacingMarks, '');
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
    throw part.refuse('precompiled_charsmap', `it is broken: ${(cause as Error).message}`);
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
