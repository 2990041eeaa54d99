/**
 * @file The BPE training loop: repeatedly joins the most frequent pair of neighboring tokens (Sennrich et al. 2016).
 */
import { giveTurn } from '../turns.js';
import { byteOfId, idOfByte } from './byte-alphabet.js';
import { joinShapes, shapeOfByte, type TokenShape } from './merge-rule.js';
import { idsOf, PairHeap, pairOf } from './pair-heap.js';

export type Merge = readonly [left: number, right: number];

/** A distinct pre-token, as its tokens at this point of the training. */
interface Word {
  tokens: number[];
  readonly count: number;
}

export interface LearnMergesOptions {
  /** Pre-tokens with their counts. */
  words: ReadonlyMap<string, number>;
  /** Maximum number of merges; fewer are learned if no allowed pair occurs twice any more. */
  maxMerges: number;
  /** Maximum Chinese characters per token. */
  maxHan: number;
  onMerge?: (merges: number) => void;
  signal?: AbortSignal;
}

/**
 * Returns the merges in the order learned. Merge n makes token 256 + n; the first 256 are the bytes in GPT-2's order.
 * @throws the signal's reason once aborted
 */
export async function learnMerges(options: LearnMergesOptions): Promise<Merge[]> {
  const { words, maxMerges, maxHan, onMerge, signal } = options;
  const shapes: TokenShape[] = byteOfId.map(shapeOfByte);
  const pairs = new PairCounts(
    (left, right) => joinShapes(shapes[left]!, shapes[right]!, maxHan) !== undefined,
  );
  for (const [text, count] of words) {
    await giveTurn(signal);
    pairs.addWord({ tokens: bytesOf(text), count });
  }

  const merges: Merge[] = [];
  while (merges.length < maxMerges) {
    await giveTurn(signal);
    const best = pairs.takeMostFrequent();
    if (best === undefined) break;
    const [left, right] = best;
    const id = shapes.push(joinShapes(shapes[left]!, shapes[right]!, maxHan)!) - 1;
    pairs.merge(left, right, id);
    merges.push(best);
    onMerge?.(merges.length);
  }
  return merges;
}

/** Counts how often each pair of neighbors occurs and in which words; updated with every merge. */
class PairCounts {
  private readonly counts = new Map<number, number>();
  /** The words that have contained a pair; some may no longer contain it. */
  private readonly places = new Map<number, Word[]>();
  private readonly heap = new PairHeap();
  /** Pairs added since the heap was last updated. The counts of all others can only have fallen. */
  private fresh = new Set<number>();

  constructor(private readonly mayJoin: (left: number, right: number) => boolean) {}

  addWord(word: Word): void {
    for (let i = 1; i < word.tokens.length; i++) this.add(word.tokens[i - 1]!, word.tokens[i]!, word);
  }

  /** The pair to merge next, or undefined if none occurs at least twice. */
  takeMostFrequent(): Merge | undefined {
    for (const pair of this.fresh) this.heap.push({ pair, count: this.counts.get(pair)! });
    this.fresh = new Set();
    for (let top = this.heap.pop(); top !== undefined; top = this.heap.pop()) {
      const count = this.counts.get(top.pair) ?? 0;
      if (count < 2) continue;
      if (count === top.count) return idsOf(top.pair);
      this.heap.push({ pair: top.pair, count });
    }
    return undefined;
  }

  /** Replaces every (left, right) by `id`, from left to right in each word. */
  merge(left: number, right: number, id: number): void {
    const pair = pairOf(left, right);
    const words = this.places.get(pair)!;
    this.places.delete(pair);
    for (const word of words) this.mergeIn(word, left, right, id);
    this.counts.delete(pair);
  }

  private mergeIn(word: Word, left: number, right: number, id: number): void {
    const { tokens } = word;
    let length = 0;
    for (let i = 0; i < tokens.length; i++) {
      if (tokens[i] !== left || tokens[i + 1] !== right) {
        tokens[length++] = tokens[i]!;
        continue;
      }
      // One replacement at a time, with the neighbors as they are at that moment: exact for overlapping pairs (aaa)
      // too.
      const before = length > 0 ? tokens[length - 1] : undefined;
      const after = tokens[i + 2];
      this.remove(left, right, word);
      if (before !== undefined) {
        this.remove(before, left, word);
        this.add(before, id, word);
      }
      if (after !== undefined) {
        this.remove(right, after, word);
        this.add(id, after, word);
      }
      tokens[length++] = id;
      i++;
    }
    tokens.length = length;
  }

  private add(left: number, right: number, word: Word): void {
    const pair = pairOf(left, right);
    const count = this.counts.get(pair);
    if (count === undefined) {
      if (!this.mayJoin(left, right)) return;
      this.places.set(pair, [word]);
      this.fresh.add(pair);
    } else {
      const places = this.places.get(pair)!;
      if (places.at(-1) !== word) places.push(word);
    }
    this.counts.set(pair, (count ?? 0) + word.count);
  }

  private remove(left: number, right: number, word: Word): void {
    const pair = pairOf(left, right);
    const count = this.counts.get(pair);
    if (count !== undefined) this.counts.set(pair, count - word.count);
  }
}

function bytesOf(text: string): number[] {
  return Array.from(new TextEncoder().encode(text), (byte) => idOfByte[byte]!);
}
