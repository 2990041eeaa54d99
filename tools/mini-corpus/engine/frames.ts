/** @file Frames: sentences in both languages with slots for words, and how they are filled. */
import { isHeldOutFrame, isHeldOutPair } from './held-out.js';
import type { Random } from './random.js';
import { chineseForms, englishForms, type Word } from './words.js';

/** The same text in both languages. */
export interface Pair {
  readonly en: string;
  readonly zh: string;
}

export type Language = keyof Pair;

export interface Frame {
  readonly en: readonly Piece[];
  readonly zh: readonly Piece[];
  /** Its slots, each once. One side may lack some: Chinese needs measure words where English says "one". */
  readonly slots: readonly string[];
  readonly text: Pair;
  readonly heldOut: boolean;
}

type Piece = string | { readonly slot: string; readonly form: string };

/**
 * Frames are written a line each, `English | 中文`. `{animal}` is a word of the table `animal`, `{animal2}` another one,
 * `{animal.s}` one of its forms (see words.ts). A slot has the same word on both sides.
 */
export function frames(text: string): Frame[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [en, zh, ...rest] = line.split(' | ').map((side) => side.trim());
    if (!en || !zh || rest.length > 0) throw new Error(`"${line}" is not written as "English | 中文"`);
    return frame(en, zh);
  });
}

/** Frames that follow from another, as an answer from its question: they are not held out by themselves. */
export function followUps(text: string): Frame[] {
  return frames(text).map((line) => ({ ...line, heldOut: false }));
}

function frame(en: string, zh: string): Frame {
  const [enPieces, zhPieces] = [pieces(en), pieces(zh)];
  const slots = new Set(
    [...enPieces, ...zhPieces].flatMap((piece) => (typeof piece === 'string' ? [] : [piece.slot])),
  );
  return { en: enPieces, zh: zhPieces, slots: [...slots], text: { en, zh }, heldOut: isHeldOutFrame(en) };
}

function pieces(text: string): Piece[] {
  return text
    .split(/(\{[^}]+\})/)
    .filter((part) => part !== '')
    .map((part) => {
      if (!part.startsWith('{')) return part;
      const [slot = '', form = ''] = part.slice(1, -1).split('.');
      return { slot, form };
    });
}

/** Word tables by the names that slots use. */
export type Tables = Readonly<Record<string, readonly Word[]>>;

export interface Lexicon {
  readonly tables: Tables;
  /** `tall|short`: English words that do not stand side by side, both ways round. */
  readonly clashes: ReadonlySet<string>;
}

/** The purpose of a document: training, or one of the two kinds of measurement. */
export type Split = 'train' | 'heldout-frames' | 'heldout-combinations';

/**
 * Writes one document: picks frames and words, keeps the words that recur in it (`bind`), and admits only what belongs
 * to its split.
 */
export class Writer {
  /** Words that run through the document, by slot. */
  private readonly bound = new Map<string, Word>();
  /** Whether the document has held-out content; without it, a document is not useful for measuring. */
  usedHeldOut = false;

  constructor(
    readonly random: Random,
    readonly lexicon: Lexicon,
    readonly split: Split,
  ) {}

  /** Gives a slot one word for the whole document. */
  bind(slot: string, word: Word | string): Word {
    const chosen = typeof word === 'string' ? this.choose(word, [...this.bound.values()]) : word;
    this.bound.set(slot, chosen);
    return chosen;
  }

  /** A frame that this split may use. */
  pickFrame(choices: readonly Frame[]): Frame {
    const open = choices.filter((choice) => !choice.heldOut);
    const held = choices.filter((choice) => choice.heldOut);
    if (this.split === 'heldout-frames' && held.length > 0 && (open.length === 0 || this.random.oneIn(2))) {
      this.usedHeldOut = true;
      return this.random.pick(held);
    }
    return this.random.pick(open);
  }

  /** A sentence from one of the frames. `avoid` are frames used already, kept up to date here. */
  say(choices: readonly Frame[], avoid?: Set<Frame>): Pair {
    const unused = avoid ? choices.filter((choice) => !avoid.has(choice)) : choices;
    const chosen = this.pickFrame(unused.length > 0 ? unused : choices);
    avoid?.add(chosen);
    return this.fill(chosen);
  }

  /** A frame with its words. `asPhrase`: without the capital of a sentence. */
  fill(chosen: Frame, asPhrase = false): Pair {
    const words = new Map<string, Word>();
    for (const slot of chosen.slots) {
      const word = this.bound.get(slot);
      if (word) words.set(slot, word);
    }
    for (const slot of chosen.slots) {
      if (!words.has(slot)) words.set(slot, this.choose(slot, [...this.bound.values(), ...words.values()]));
    }
    return {
      en: (asPhrase ? withArticles : tidyEnglish)(render(chosen.en, words, englishForms, 'en')),
      zh: render(chosen.zh, words, chineseForms, 'zh'),
    };
  }

  /** A word for a slot that differs from `others` and may stand beside them in this split. */
  choose(slot: string, others: readonly Word[]): Word {
    const table = this.lexicon.tables[slot.replace(/\d+$/, '')];
    if (!table) throw new Error(`no word table for the slot "${slot}"`);
    const wantsHeldOut = this.split === 'heldout-combinations' && this.random.oneIn(2);
    let fallback: Word | undefined;
    for (let attempt = 0; attempt < 60; attempt++) {
      const word = this.random.pick(table);
      if (others.some((other) => this.clash(word, other))) continue;
      const heldOut = others.some((other) => isHeldOutPair(word, other));
      if (heldOut && this.split !== 'heldout-combinations') continue;
      if (heldOut) this.usedHeldOut = true;
      if (heldOut || !wantsHeldOut) return word;
      fallback ??= word;
    }
    if (fallback) return fallback;
    throw new Error(`no word for the slot "${slot}" beside ${others.map((other) => other.en).join(', ')}`);
  }

  private clash(a: Word, b: Word): boolean {
    return a.en === b.en || a.zh === b.zh || this.lexicon.clashes.has(`${a.en}|${b.en}`);
  }
}

function render(
  parts: readonly Piece[],
  words: ReadonlyMap<string, Word>,
  forms: Readonly<Record<string, (word: Word) => string>>,
  language: Language,
): string {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const form = forms[part.form];
    if (!form) throw new Error(`no ${language} form "${part.form}" (slot "${part.slot}")`);
    text += form(words.get(part.slot)!);
  }
  return text;
}

/** Articles, and a capital at the start of each sentence. */
export function tidyEnglish(text: string): string {
  return withArticles(text).replace(
    /(^|[.!?]["”]? +|\n)([a-z])/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

/** "a apple" → "an apple"; by sound: a university, an hour, an honest man. */
function withArticles(text: string): string {
  return text.replace(/\b(a) (?=[aeio](?!ne\b)|u(?!ni|s[eu])|hour|honest)/gi, '$1n ');
}

/** Sentences in a row: a space between English ones, nothing between Chinese ones. */
export function join(sentences: readonly Pair[]): Pair {
  return { en: sentences.map(({ en }) => en).join(' '), zh: sentences.map(({ zh }) => zh).join('') };
}
