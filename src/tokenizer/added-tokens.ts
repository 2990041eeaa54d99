/** @file Tokens that are matched in the text before it is split into words: special tokens and other added ones. */
import type { Normalizer } from './normalizers.js';
import type { Part } from './part.js';
import type { Vocabulary } from './vocabulary.js';

export interface AddedToken {
  readonly content: string;
  /** Left out when decoding without special tokens. */
  readonly special: boolean;
  /** Whether its normalized form is searched for in the normalized text. */
  readonly normalized: boolean;
  /** Whether the token includes spaces to its left, or to its right. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Whether it matches whole words only. */
  readonly single_word: boolean;
}

/** A stretch of a text: a token if it has an `id`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly id?: number;
}

export class AddedTokens {
  readonly #ids = new Map<string, number>();
  readonly #tokens = new Map<number, AddedToken>();
  /** The normalized form of tokens, where it differs. */
  readonly #written = new Map<number, string>();
  readonly #special = new Set<string>();
  /** Whether special tokens in a text are treated as ordinary text. */
  splitsSpecial = false;
  #plainFinder: Finder | undefined;
  #normalizedFinder: Finder | undefined;

  constructor(
    readonly vocabulary: Vocabulary,
    readonly normalizer: Normalizer | undefined,
  ) {}

  get ids(): ReadonlyMap<string, number> {
    return this.#ids;
  }

  get tokens(): ReadonlyMap<number, AddedToken> {
    return this.#tokens;
  }

  /** A token's spelling for the decoder. */
  spelled(id: number): string | undefined {
    return this.#written.get(id) ?? this.#tokens.get(id)?.content;
  }

  isSpecial(token: string): boolean {
    return this.#special.has(token);
  }

  /**
   * Adds tokens as the tokenizers library does: one that is in the vocabulary keeps its id, any other gets the next
   * free id. A token added again takes the later properties.
   */
  add(tokens: Iterable<AddedToken>): void {
    const { size } = this.vocabulary;
    const highest = this.#tokens.size === 0 ? -1 : Math.max(...this.#tokens.keys());
    let next = Math.max(size, highest + 1);
    for (const token of tokens) {
      const { content } = token;
      if (content === '') continue;
      const id = this.#ids.get(content) ?? this.vocabulary.ids.get(content) ?? next++;
      this.#ids.set(content, id);
      this.#tokens.set(id, token);
      if (token.special) this.#special.add(content);
      const written = token.normalized ? this.normalizer?.normalize(content, false) : content;
      if (written !== undefined && written !== content) this.#written.set(id, written);
    }
    this.#plainFinder = this.#normalizedFinder = undefined;
  }

  /** Splits a text at the tokens that are matched before normalization. */
  find(text: string): Stretch[] {
    this.#plainFinder ??= new Finder(this.#patterns(false));
    return this.#stretches(text, this.#plainFinder);
  }

  /** Splits a normalized text at the tokens that are matched after normalization. */
  findNormalized(text: string): Stretch[] {
    this.#normalizedFinder ??= new Finder(this.#patterns(true));
    return this.#stretches(text, this.#normalizedFinder);
  }

  #patterns(normalized: boolean): [string, number][] {
    const found = [...this.#tokens].filter(([, token]) => token.normalized === normalized);
    // Of two that normalize alike the first counts; the library takes one by chance.
    return found.map(([id, { content }]) => [(normalized && this.#written.get(id)) || content, id]);
  }

  #stretches(text: string, finder: Finder): Stretch[] {
    const stretches: Stretch[] = [];
    let end = 0;
    for (let match = finder.next(text, 0); match; match = finder.next(text, match.end)) {
      const { id } = match;
      const { content, single_word, lstrip, rstrip } = this.#tokens.get(id)!;
      if (this.splitsSpecial && this.#special.has(content)) continue;
      if (single_word && (endsWithWord(text, match.start) || startsWithWord(text, match.end))) continue;
      const start = lstrip ? Math.max(withoutSpaceBefore(text, match.start), end) : match.start;
      const stop = rstrip ? withoutSpaceAfter(text, match.end) : match.end;
      if (end < start) stretches.push({ start: end, end: start });
      stretches.push({ start, end: stop, id });
      end = stop;
    }
    if (end < text.length) stretches.push({ start: end, end: text.length });
    return stretches;
  }
}

/** A token's flags in tokenizer.json, all of which the library requires. */
export function addedTokenOf(part: Part): AddedToken {
  const flag = (name: string, fallback: boolean) => part.boolean(name, fallback);
  const special = flag('special', false);
  return {
    content: part.string('content'),
    special,
    normalized: flag('normalized', !special),
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    single_word: flag('single_word', false),
  };
}

interface Node {
  readonly next: Map<number, Node>;
  id?: number;
}

/** Finds strings in a text: the leftmost first, and at one place the longest. */
class Finder {
  readonly #root: Node = { next: new Map() };
  readonly #firsts: RegExp | undefined;

  constructor(patterns: readonly (readonly [string, number])[]) {
    for (const [pattern, id] of patterns) {
      let node = this.#root;
      for (let i = 0; i < pattern.length; i++) {
        const unit = pattern.charCodeAt(i);
        let next = node.next.get(unit);
        if (!next) {
          next = { next: new Map() };
          node.next.set(unit, next);
        }
        node = next;
      }
      node.id ??= id;
    }
    const units = [...this.#root.next.keys()];
    const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
    if (units.length > 0) this.#firsts = new RegExp(`[${escaped}]`, 'g');
  }

  next(text: string, from: number): { start: number; end: number; id: number } | undefined {
    if (!this.#firsts) return undefined;
    this.#firsts.lastIndex = from;
    for (let found = this.#firsts.exec(text); found; found = this.#firsts.exec(text)) {
      const match = this.#longestAt(text, found.index);
      if (match) return match;
    }
    return undefined;
  }

  #longestAt(text: string, start: number): { start: number; end: number; id: number } | undefined {
    let longest: { start: number; end: number; id: number } | undefined;
    let node: Node | undefined = this.#root;
    for (let i = start; node; i++) {
      if (node.id !== undefined) longest = { start, end: i, id: node.id };
      node = node.next.get(text.charCodeAt(i));
    }
    return longest;
  }
}

const wordCharacter = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;
const isWordCharacter = new RegExp(`^${wordCharacter}`, 'u');

const startsWithWord = (text: string, at: number) => isWordCharacter.test(text.slice(at, at + 2));

function endsWithWord(text: string, at: number): boolean {
  if (at === 0) return false;
  const isPair = at > 1 && text.codePointAt(at - 2)! > 0xffff;
  return isWordCharacter.test(text.slice(isPair ? at - 2 : at - 1, at));
}

const isSpace = /^\p{White_Space}$/u;

function withoutSpaceBefore(text: string, at: number): number {
  let start = at;
  while (start > 0 && isSpace.test(text[start - 1]!)) start--;
  return start;
}

function withoutSpaceAfter(text: string, at: number): number {
  let end = at;
  while (end < text.length && isSpace.test(text[end]!)) end++;
  return end;
}
