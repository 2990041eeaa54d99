/** @file Byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909), with the options of tokenizer.json. */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { TokenModel } from './models.js';
import { PairTable } from './pair-table.js';
import type { Part } from './part.js';
import { byteTokens, type Vocabulary, vocabularyOf } from './vocabulary.js';

/** For each pair of ids, its rank among the merges and the id of the merged token. */
interface Merges {
  readonly rankOf: Pick<PairTable, 'get'>;
  /** By rank. */
  readonly made: readonly number[];
}

export function bpe(part: Part): TokenModel {
  const vocabulary = vocabularyOf(part);
  const { ids } = vocabulary;
  const optional = (name: string) => (part.has(name) ? part.string(name) : '');
  const flag = (name: string) => part.has(name) && part.boolean(name);
  const [prefix, suffix] = [optional('continuing_subword_prefix'), optional('end_of_word_suffix')];
  const [fusesUnknown, fallsBackToBytes, ignoresMerges] = [
    flag('fuse_unk'),
    flag('byte_fallback'),
    flag('ignore_merges'),
  ];
  const unknownToken = part.has('unk_token') ? part.string('unk_token') : undefined;
  if (part.has('dropout') && part.json.dropout !== 0)
    throw part.refuse(
      'dropout',
      say`${part.json.dropout} leaves merges out at random, so that no text has certain ids`,
    );
  const merges = mergesOf(part, vocabulary, prefix);
  const byteIds = fallsBackToBytes ? byteTokens(ids) : [];
  const encoder = new TextEncoder();

  /** The ids of the characters, before any merge. */
  const spelled = (word: string): number[] => {
    const characters = [...word];
    const symbols: number[] = [];
    let unknown: number | undefined; // held back, since the next may be fused with it
    for (const [i, character] of characters.entries()) {
      const symbol = (i > 0 ? prefix : '') + character + (i === characters.length - 1 ? suffix : '');
      const id = ids.get(symbol);
      if (id !== undefined) {
        if (unknown !== undefined) symbols.push(unknown);
        unknown = undefined;
        symbols.push(id);
        continue;
      }
      const bytes = fallsBackToBytes
        ? Array.from(encoder.encode(symbol), (byte) => byteIds[byte])
        : [undefined];
      if (bytes.every((byte) => byte !== undefined)) {
        symbols.push(...bytes);
        continue;
      }
      if (unknownToken === undefined) continue;
      if (unknown !== undefined && !fusesUnknown) symbols.push(unknown);
      unknown = unknownIdOf(character);
    }
    if (unknown !== undefined) symbols.push(unknown);
    return symbols;
  };

  const unknownIdOf = (character: string): number => {
    const id = ids.get(unknownToken!);
    if (id !== undefined) return id;
    const found = say`${JSON.stringify(character)} has no token, and the unknown token
      ${JSON.stringify(unknownToken)} is none either`;
    throw new PromptuneError(`${part.path}: ${found}`);
  };

  const tokenize = (word: string): number[] => {
    const whole = ignoresMerges ? ids.get(word) : undefined;
    return whole === undefined ? mergeAll(spelled(word), merges) : [whole];
  };
  return { vocabulary, tokenize };
}

function mergesOf(part: Part, { ids, tokens }: Vocabulary, prefix: string): Merges {
  const { merges } = part.json;
  if (!Array.isArray(merges)) throw part.wrong('merges', say`an array`);
  const rankOf = new PairTable(merges.length);
  const made: number[] = [];
  const wrong = (merge: unknown, problem: string) =>
    part.refuse('merges', `merge ${made.length + 1}, ${JSON.stringify(merge)}, ${problem}`);
  const idIn = (token: string, merge: unknown): number => {
    const id = ids.get(token);
    if (id !== undefined) return id;
    throw wrong(merge, say`is of ${JSON.stringify(token)}, which the vocabulary lacks`);
  };
  for (const merge of merges) {
    if (typeof merge === 'string' && merge.startsWith('#version')) continue;
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge;
    if (!Array.isArray(pair) || pair.length !== 2) throw wrong(merge, say`is not two tokens`);
    const [left, right]: unknown[] = pair;
    if (typeof left !== 'string' || typeof right !== 'string') throw wrong(merge, say`is not two tokens`);
    rankOf.set(idIn(left, merge), idIn(right, merge), made.length);
    // Merged tokens usually have consecutive ids, so trying the next id first saves look-ups.
    const next = (made.at(-1) ?? -1) + 1;
    const end = prefix === '' ? right : right.slice(prefix.length);
    made.push(isJoined(tokens[next], left, end) ? next : idIn(left + end, merge));
  }
  return { rankOf, made };
}

const isJoined = (token: string | undefined, left: string, right: string) =>
  token?.length === left.length + right.length && token.startsWith(left) && token.endsWith(right);

/** More characters than a string has in V8; times the number of merges, a whole number that is exact. */
const maxLength = 2 ** 30;

/** Repeatedly merges the pair of lowest rank, the leftmost first. Changes `ids`. */
function mergeAll(ids: number[], { rankOf, made }: Merges): number[] {
  const count = ids.length;
  if (count < 2) return ids;
  const next = new Int32Array(count);
  const previous = new Int32Array(count);
  const isGone = new Uint8Array(count);
  // A heap of rank and position in one number: lower ranks first, then positions further left.
  const heap: number[] = [];
  const consider = (left: number, right: number) => {
    const rank = rankOf.get(ids[left]!, ids[right]!);
    if (rank !== undefined) pushNumber(heap, rank * maxLength + left);
  };
  for (let i = 0; i < count; i++) {
    next[i] = i + 1;
    previous[i] = i - 1;
    if (i > 0) consider(i - 1, i);
  }
  while (heap.length > 0) {
    const first = popNumber(heap);
    const rank = Math.floor(first / maxLength);
    const left = first % maxLength;
    const right = next[left]!;
    if (isGone[left] || right >= count) continue;
    // The pair may have changed since. As in the library, it counts if it still makes the same token.
    const current = rankOf.get(ids[left]!, ids[right]!);
    if (current === undefined || made[current] !== made[rank]) continue;
    ids[left] = made[rank]!;
    isGone[right] = 1;
    const after = next[right]!;
    next[left] = after;
    if (after < count) {
      previous[after] = left;
      consider(left, after);
    }
    if (previous[left]! >= 0) consider(previous[left]!, left);
  }
  return ids.filter((_, i) => !isGone[i]);
}

function pushNumber(heap: number[], item: number): void {
  let place = heap.length;
  while (place > 0) {
    const parent = (place - 1) >> 1;
    if (heap[parent]! <= item) break;
    heap[place] = heap[parent]!;
    place = parent;
  }
  heap[place] = item;
}

function popNumber(heap: number[]): number {
  const first = heap[0]!;
  const item = heap.pop()!;
  const size = heap.length;
  if (size === 0) return first;
  let place = 0;
  for (let child = 1; child < size; child = 2 * place + 1) {
    if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= item) break;
    heap[place] = heap[child]!;
    place = child;
  }
  heap[place] = item;
  return first;
}
