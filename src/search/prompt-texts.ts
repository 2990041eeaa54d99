/**
 * @file Which token ids are text. Ids whose text encodes to different ids are not: a prompt of such ids works as ids,
 *   but is lost as soon as somebody copies its text.
 */

import { UsageError } from '../errors.js';
import { withoutFirstLabel } from '../evaluation/loss.js';
import type { Random } from '../random.js';
import { say } from '../say.js';
import type { EncodedExample } from '../text/encode.js';
import { startText, type Tokenizer, withoutStart } from '../text/tokenizer.js';

/** Characters of the tokens that a search may use. U+FFFD stands for a part of a character. */
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
 * For every id of a vocabulary of `vocabSize`, 1 if it is by itself a text of these characters and not a special token.
 * @throws UsageError if none is
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
      say`characters "${characters}": no token of this vocabulary consists of them; expected one of
        ${characterSets.join(', ')}`,
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

/** Whether ids are what their text encodes to, by itself and before each of some other texts. */
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
 * Draws ids from `allowed` after `start` until there are `count`, so that the whole survives as text.
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
      const problem = say`no prompt of random tokens encodes to the same tokens as text`;
      throw new UsageError(say`${problem}; set initText to start from`);
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
 * An example with a text before it, tokenized together with the example's tokens before its first label, like a text in
 * the template: after the model's begin-of-text token, if it has one. The text does not count in the loss. Nor does the
 * example's own first token if nothing starts it: without the text nothing would predict it, and losses must be about
 * the same tokens.
 */
export function withTextBefore(text: string, example: EncodedExample, tokenizer: Tokenizer): EncodedExample {
  const { inputIds, lossMask } = withoutFirstLabel(example);
  const count = example.lossMask.indexOf(1);
  const whole = inputIds.subarray(0, count === -1 ? inputIds.length : count);
  const promptIds = [...withoutStart(tokenizer, whole)];
  const promptText = tokenizer.decode(promptIds);
  // A truncated one may start inside a character.
  const isText = isSame(tokenizer.encode(promptText), promptIds);
  const textIds = isText ? tokenizer.encode(text + promptText) : [...tokenizer.encode(text), ...promptIds];
  const before = startText(tokenizer, textIds);
  const rest = inputIds.subarray(whole.length);
  const mask = new Uint8Array(before.length + rest.length);
  mask.set(lossMask.subarray(whole.length), before.length);
  return { inputIds: Int32Array.from([...before, ...rest]), lossMask: mask };
}

/**
 * The ids that follow those of a text before an example, if the two are fed separately after the begin-of-text token;
 * the example's own ids if they merge.
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

/** The distinct beginnings of some examples, as short texts, at most `limit`. */
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
