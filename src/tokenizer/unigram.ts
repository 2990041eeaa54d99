/**
 * @file The unigram language model (Kudo 2018, arXiv:1804.10959): finds the most probable segmentation of a word into
 *   tokens.
 */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { TokenModel } from './models.js';
import type { Part } from './part.js';
import { byteTokens } from './vocabulary.js';

/** How much less likely an unknown character is than the least likely token. */
const unknownPenalty = 10;

export function unigram(part: Part): TokenModel {
  const { vocab } = part.json;
  if (!Array.isArray(vocab)) throw part.wrong('vocab', say`an array of tokens with their scores`);
  const ids = new Map<string, number>();
  const tokens: string[] = [];
  let least = Number.POSITIVE_INFINITY;
  const scores = vocab.map((entry, id): number => {
    const [token, score, ...more]: unknown[] = Array.isArray(entry) ? entry : [];
    if (typeof token !== 'string' || typeof score !== 'number' || more.length > 0)
      throw part.refuse('vocab', say`entry ${id}, ${JSON.stringify(entry)}, is not a token with its score`);
    ids.set(token, id); // of a repeated token the last counts, as in the library
    tokens[id] = token;
    const read = asRust(score);
    least = Math.min(least, read);
    return read;
  });
  const unknownId = part.has('unk_id') ? part.count('unk_id') : undefined;
  if (unknownId !== undefined && unknownId >= vocab.length)
    throw part.refuse('unk_id', say`${unknownId} is not a token of the ${vocab.length} there are`);
  const byteIds = part.has('byte_fallback') && part.boolean('byte_fallback') ? byteTokens(ids) : undefined;
  const unknownScore = least - unknownPenalty;
  const prefixes = prefixTable([...ids.keys()].filter((token) => token !== ''));
  const encoder = new TextEncoder();

  const needUnknown = (text: string): number => {
    if (unknownId !== undefined) return unknownId;
    throw new PromptuneError(
      say`${part.path}: ${JSON.stringify(text)} has no token, and there is no unknown token (unk_id)`,
    );
  };

  /** For every end position: where the last token of the best segmentation begins, and its id. */
  const bestPath = (word: string): { starts: Int32Array; found: Int32Array } => {
    const best = new Float64Array(word.length + 1);
    const starts = new Int32Array(word.length + 1).fill(-1);
    const found = new Int32Array(word.length + 1);
    for (let start = 0; start < word.length; ) {
      const width = word.codePointAt(start)! > 0xffff ? 2 : 1;
      const reach = (end: number, id: number, score: number) => {
        const candidate = score + best[start]!;
        if (starts[end]! >= 0 && candidate <= best[end]!) return;
        best[end] = candidate;
        starts[end] = start;
        found[end] = id;
      };
      let isKnown = false;
      prefixes(word, start, (end, token) => {
        const id = ids.get(token)!;
        reach(end, id, scores[id]!);
        isKnown ||= end === start + width;
      });
      if (!isKnown) reach(start + width, unknownId ?? -1, unknownScore);
      start += width;
    }
    return { starts, found };
  };

  const tokenize = (word: string): number[] => {
    const { starts, found } = bestPath(word);
    const pieces: string[] = [];
    let fused = ''; // adjacent unknown characters are fused
    for (let end = word.length; end > 0; end = starts[end]!) {
      const piece = word.slice(starts[end]!, end);
      if (found[end] === -1) needUnknown(piece);
      if (found[end] === unknownId) fused = piece + fused;
      else {
        if (fused !== '') pieces.push(fused);
        fused = '';
        pieces.push(piece);
      }
    }
    if (fused !== '') pieces.push(fused);
    return pieces.reverse().flatMap((piece) => {
      const id = ids.get(piece);
      if (id !== undefined) return [id];
      const bytes = byteIds ? Array.from(encoder.encode(piece), (byte) => byteIds[byte]) : [undefined];
      return bytes.every((byte) => byte !== undefined) ? bytes : [needUnknown(piece)];
    });
  };
  return { vocabulary: { ids, tokens, size: vocab.length }, tokenize };
}

/**
 * A number as the library reads it: its JSON parser rounds the digits, and then their quotient by a power of ten, so
 * that the last bit may differ. It decides between segmentations of the same tokens in another order.
 */
function asRust(value: number): number {
  const [digits = '', exponent] = Math.abs(value).toExponential().split('e');
  const [whole, fraction = ''] = digits.split('.');
  const power = Number(exponent) - fraction.length;
  const read = Number(`${whole}${fraction}`);
  const result = power < 0 ? read / Number(`1e${-power}`) : read * Number(`1e${power}`);
  return value < 0 ? -result : result;
}

/** Calls `found` for each token that begins at `start` of `text`, the shortest first. */
type FindPrefixes = (text: string, start: number, found: (end: number, token: string) => void) => void;

/** In the sorted list, the tokens that share a prefix are neighbors; each further character narrows the range. */
function prefixTable(tokens: string[]): FindPrefixes {
  const sorted = tokens.sort(byUnits);
  const ranges = new Map<number, [number, number]>();
  for (const [i, token] of sorted.entries()) {
    const unit = token.charCodeAt(0);
    const range = ranges.get(unit);
    if (range) range[1] = i + 1;
    else ranges.set(unit, [i, i + 1]);
  }
  /**
   * The first index in [from, to) whose unit at `depth` is at least `unit`; tokens that end before `depth` count as
   * less.
   */
  const firstAtLeast = (from: number, to: number, depth: number, unit: number): number => {
    let [low, high] = [from, to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]!.length > depth ? sorted[middle]!.charCodeAt(depth) : -1) < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return (text, start, found) => {
    let [low, high] = ranges.get(text.charCodeAt(start)) ?? [0, 0];
    for (let depth = 1; low < high; depth++) {
      const shortest = sorted[low]!;
      if (shortest.length === depth) found(start + depth, shortest);
      if (start + depth >= text.length) return;
      const unit = text.charCodeAt(start + depth);
      low = firstAtLeast(low, high, depth, unit);
      high = firstAtLeast(low, high, depth, unit + 1);
    }
  };
}

const byUnits = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
