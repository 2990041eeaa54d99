/** @file Where a pattern matches in a text, and how the text is split there, as in the tokenizers library. */
import type { Pattern } from '../regex/linear.js';
import { compilePattern } from '../regex/pattern.js';
import { say } from '../say.js';
import type { Part } from './part.js';

/** A text split from beginning to end: where each stretch ends, and whether the pattern matched it. */
export interface Stretches {
  readonly ends: readonly number[];
  readonly isMatch: readonly boolean[];
}

export type FindMatches = (text: string) => Stretches;

export const splitBehaviors = [
  'Removed',
  'Isolated',
  'MergedWithPrevious',
  'MergedWithNext',
  'Contiguous',
] as const;
export type SplitBehavior = (typeof splitBehaviors)[number];

/** The `pattern` of a part: `{"String": …}` or `{"Regex": …}`. */
export function patternOf(part: Part): Pattern {
  const { json } = part;
  const pattern = json.pattern as Readonly<Record<string, unknown>> | null | undefined;
  const [[kind, source] = [], ...more] = Object.entries(pattern ?? {});
  if (typeof source !== 'string' || more.length > 0 || (kind !== 'String' && kind !== 'Regex'))
    throw part.wrong('pattern', '{"String": text} or {"Regex": pattern}');
  if (kind === 'String') return literalPattern(source);
  try {
    return compilePattern(source);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw part.refuse('pattern', say`${JSON.stringify(source)} is not supported: ${reason}`);
  }
}

function literalPattern(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu');
}

/** Finds successive matches as Oniguruma does: an empty match counts, unless the previous match ends there. */
export function findMatches(regex: Pattern, text: string): Stretches {
  const ends: number[] = [];
  const isMatch: boolean[] = [];
  let end = 0;
  let lastMatchEnd = -1;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    const start = match.index;
    const next = start + match[0].length;
    if (next === start) {
      regex.lastIndex = next + (text.codePointAt(next)! > 0xffff ? 2 : 1);
      if (start === lastMatchEnd) continue;
    }
    if (start > end) {
      ends.push(start);
      isMatch.push(false);
    }
    ends.push(next);
    isMatch.push(true);
    end = next;
    lastMatchEnd = next;
  }
  if (end < text.length || text === '') {
    ends.push(text.length);
    isMatch.push(false);
  }
  return { ends, isMatch };
}

/** Replaces every match by `content`, literally. */
export function replaceMatches(regex: Pattern, text: string, content: string): string {
  const { ends, isMatch } = findMatches(regex, text);
  let replaced = '';
  let start = 0;
  for (const [i, end] of ends.entries()) {
    replaced += isMatch[i] ? content : text.slice(start, end);
    start = end;
  }
  return replaced;
}

/**
 * The pieces of a text that `behavior` makes of the stretches, as a flat list of `[start, end]` pairs without empty
 * ones.
 * @param inverted whether the unmatched stretches are the delimiters
 */
export function pieceBounds(stretches: Stretches, behavior: SplitBehavior, inverted = false): number[] {
  const { ends } = stretches;
  const isDelimiter = (i: number) => stretches.isMatch[i] !== inverted;
  const bounds: number[] = [];
  const add = (start: number, end: number) => {
    if (start < end) bounds.push(start, end);
  };
  const startOf = (i: number) => (i === 0 ? 0 : ends[i - 1]!);

  if (behavior === 'Removed' || behavior === 'Isolated') {
    for (let i = 0; i < ends.length; i++)
      if (behavior === 'Isolated' || !isDelimiter(i)) add(startOf(i), ends[i]!);
    return bounds;
  }
  // The other behaviors join stretches: each stretch begins a piece or extends the one before it.
  let start = 0;
  for (let i = 1; i < ends.length; i++) {
    if (goesOn(i)) continue;
    add(start, startOf(i));
    start = startOf(i);
  }
  if (ends.length > 0) add(start, ends.at(-1)!);
  return bounds;

  function goesOn(i: number): boolean {
    if (behavior === 'Contiguous') return isDelimiter(i) === isDelimiter(i - 1);
    if (behavior === 'MergedWithPrevious') return isDelimiter(i) && !isDelimiter(i - 1);
    return isDelimiter(i - 1) && !isDelimiter(i);
  }
}
