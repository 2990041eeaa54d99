/**
 * @file Which token ids are text. Ids that decode to a text which encodes to other ids are none: a prompt of such ids
 *   works where ids are fed, and is lost as soon as somebody copies its text.
 */

import { UsageError } from '../errors.js';
import { withoutFirstLabel } from '../evaluation/loss.js';
import type { Random } from '../random.js';
import type { EncodedExample } from '../text/encode.js';
import { startText, type Tokenizer, withoutStart } from '../text/tokenizer.js';

/** What characters the tokens that a search puts in may have. U+FFFD stands for part of a character. */
const patterns = {
  /** No control characters (line breaks and tabs included), and nothing that is invisible or unassigned. */
  printable: /^[^\p{C}\uFFFD]+$/u,
  ascii: /^[ -~]+$/,
  /** Chinese characters and punctuation. */
  chinese: /^[\p{Script=Han}\u3000-\u303F\uFF00-\uFF65—…“”‘’]+$/u,
  any: /^[^\uFFFD]+$/u,
} as const;
export type CharacterSet = keyof typeof patterns;
export const characterSets = Object.keys(patterns) as CharacterSet[];

/**
 * For every id of a vocabulary of `vocabSize`, 1 where it is by itself a text of these characters, and no special
 * token.
 * @throws UsageError if there is none
 */
export function textTokens(tokenizer: Tokenizer, vocabSize: number, characters: CharacterSet): Uint8Array {
  const allowed = new Uint8Array(vocabSize);
  const special = new Set([tokenizer.bosTokenId, tokenizer.eosTokenId, tokenizer.padTokenId]);
  for (let id = 0; id < Math.min(vocabSize, tokenizer.vocabSize); id++) {
    if (special.has(id)) continue;
    const text = tokenIfAny(tokenizer, id);
    if (text === undefined || !patterns[characters].test(text)) continue;
    if (startsWith(tokenizer.encode(text), [id])) allowed[id] = 1;
  }
  if (!allowed.includes(1))
    throw new UsageError(
      `characters "${characters}": no token of this vocabulary is made of them; choose ${characterSets.join(', ')}`,
    );
  return allowed;
}

/** Vocabularies have gaps. */
function tokenIfAny(tokenizer: Tokenizer, id: number): string | undefined {
  try {
    return tokenizer.decode([id], { skipSpecialTokens: true });
  } catch {
    return undefined;
  }
}

/** Whether ids are the ids of their text, by itself and before every one of some other texts. */
export function survivesAsText(
  ids: readonly number[],
  tokenizer: Tokenizer,
  followers: readonly string[],
): boolean {
  const text = tokenizer.decode(ids);
  const encoded = tokenizer.encode(text);
  if (encoded.length !== ids.length || !startsWith(encoded, ids)) return false;
  return followers.every((follower) => startsWith(tokenizer.encode(text + follower), ids));
}

/**
 * Draws ids from `allowed` behind `start` until there are `count`, so that the whole survives as text.
 * @throws UsageError if none does
 */
export function drawText(
  { start, count, allowed, random }: DrawOptions,
  survives: (ids: readonly number[], isWhole: boolean) => boolean,
): number[] {
  const choices = Array.from(allowed.keys()).filter((id) => allowed[id] === 1);
  const ids = [...start];
  for (let attempts = 0; ids.length < count; attempts++) {
    if (attempts === 1000 * count) {
      const problem = 'no prompt of tokens drawn at random stays the same tokens as text';
      throw new UsageError(`${problem}; give initText to begin from`);
    }
    const candidate = [...ids, choices[random.below(choices.length)]!];
    if (survives(candidate, candidate.length === count)) ids.push(candidate.at(-1)!);
  }
  return ids;
}

export interface DrawOptions {
  start: readonly number[];
  count: number;
  allowed: Uint8Array;
  random: Random;
}

/**
 * An example with a text before it, tokenized together with what the example gives before its first label, as the
 * text in a template would be: after the model's beginning, where it has one. The text counts nowhere in the loss,
 * nor does the example's own first token where nothing begins it: without the text there would be nothing to predict
 * it from, and losses are to be of the same tokens.
 */
export function withTextBefore(text: string, example: EncodedExample, tokenizer: Tokenizer): EncodedExample {
  const { inputIds, lossMask } = withoutFirstLabel(example);
  const count = example.lossMask.indexOf(1);
  const whole = inputIds.subarray(0, count === -1 ? inputIds.length : count);
  const given = [...withoutStart(tokenizer, whole)];
  const givenText = tokenizer.decode(given);
  // One that was cut at its beginning may begin within a character.
  const isText = isSame(tokenizer.encode(givenText), given);
  const textIds = isText ? tokenizer.encode(text + givenText) : [...tokenizer.encode(text), ...given];
  const before = startText(tokenizer, textIds);
  const rest = inputIds.subarray(whole.length);
  const mask = new Uint8Array(before.length + rest.length);
  mask.set(lossMask.subarray(whole.length), before.length);
  return { inputIds: Int32Array.from([...before, ...rest]), lossMask: mask };
}

/**
 * What follows the ids of a text before an example, where they are fed apart, after the model's beginning; the
 * example's own ids where they merge.
 */
export function behindIds(
  ids: readonly number[],
  example: EncodedExample,
  tokenizer: Tokenizer,
): EncodedExample {
  const { inputIds, lossMask } = withTextBefore(tokenizer.decode(ids), example, tokenizer);
  const fed = startText(tokenizer, ids);
  const isWhole = startsWith(inputIds, fed);
  const { inputIds: all, lossMask: mask } = isWhole ? { inputIds, lossMask } : withoutFirstLabel(example);
  const from = isWhole ? fed.length : all.length - withoutStart(tokenizer, all).length;
  return { inputIds: all.subarray(from), lossMask: mask.subarray(from) };
}

/** The different ways in which some examples begin, as short texts, at most `limit` of them. */
export function beginnings(examples: readonly EncodedExample[], tokenizer: Tokenizer, limit = 16): string[] {
  const found = new Map<number, string>();
  for (const example of examples) {
    if (found.size >= limit) break;
    const inputIds = withoutStart(tokenizer, example.inputIds);
    const lossMask = example.lossMask.subarray(example.inputIds.length - inputIds.length);
    if (found.has(inputIds[0]!)) continue;
    const end = lossMask[0] ? inputIds.length : lossMask.indexOf(1);
    const ids = [...inputIds.subarray(0, Math.min(4, end === -1 ? 4 : end))];
    const text = tokenizer.decode(ids);
    if (!text.includes('\uFFFD')) found.set(inputIds[0]!, text);
  }
  return [...found.values()];
}

function startsWith(whole: ArrayLike<number>, start: readonly number[]): boolean {
  return whole.length >= start.length && start.every((id, i) => whole[i] === id);
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && startsWith(a, b);
}
